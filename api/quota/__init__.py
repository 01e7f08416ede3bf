"""What each client may spend: who it is, what it has spent, what it is told."""
