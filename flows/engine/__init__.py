"""Prefect's server: started for a run, or the user's own; its settings, and what it keeps of former runs."""
