"""The database's history: plain SQL, forward only, applied in the order of the file names."""
