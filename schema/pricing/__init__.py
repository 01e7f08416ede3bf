"""How the cost of an operation is computed from its document and variables."""
