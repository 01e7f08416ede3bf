"""The HTTP edge: everything between a socket and the schema."""
