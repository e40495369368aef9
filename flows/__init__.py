"""Thin Prefect flows and the command line around the pipeline."""
