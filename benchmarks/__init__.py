"""Measurements of a running service."""
