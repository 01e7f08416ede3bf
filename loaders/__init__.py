"""Every read that the API makes, as batch functions and keyset pages over SQL files."""
