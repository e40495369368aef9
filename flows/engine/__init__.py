"""What runs flows: as much of Prefect's server as a run needs, or the user's own; its settings, and its history."""
