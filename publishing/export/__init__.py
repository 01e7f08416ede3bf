"""Writes the files of releases; see docs/release.md."""
