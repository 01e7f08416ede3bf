"""Files of releases over HTTP: conditional requests, ranges, listings."""
