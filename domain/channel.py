"""The channel on which the database tells whoever listens of what was committed."""

NEW_RELEASE = "cordgraph_release"
"""Carries the number of a new release. It does not reach through replicas and poolers, so that it
can only hasten what is found out without it."""
