"""Pictures of a release: what they show, and how they are drawn."""
