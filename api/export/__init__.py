"""Query-shaped export: all units that a document selects, as a stream of lines."""
