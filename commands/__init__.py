"""The `cordgraph` command line, thin and above everything."""
