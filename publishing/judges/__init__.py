"""Programs that are not ours, and how they are asked; each runs in an environment of its own."""
