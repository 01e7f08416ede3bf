"""Mirrors: the files of another service's releases, and a database that answers as it does."""
