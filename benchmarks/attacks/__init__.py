"""Hostile requests, as the bytes that go over the wire."""
