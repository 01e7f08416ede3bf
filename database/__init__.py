"""Connections, roles, migrations and the embedded PostgreSQL; nothing of the domain."""
