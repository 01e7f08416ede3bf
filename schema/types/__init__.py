"""The types of the public contract, one to a file."""
