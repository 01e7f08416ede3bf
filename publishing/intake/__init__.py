"""Takes the banks' inventories in: reads, checks and stores them, and drops what is not needed."""
