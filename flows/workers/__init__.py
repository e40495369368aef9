"""Processes that read documents, and the pool that keeps them.

This face is empty: a worker starts with `python -m flows.workers.worker`.
"""
