"""Transplant activity: from the reports of banks to the cells that a release shows."""
