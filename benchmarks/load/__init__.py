"""Load: as fast as the answers come, or at a fixed rate."""
