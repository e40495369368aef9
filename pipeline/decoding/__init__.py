"""A file's bytes -> rasters of its pages, in a process of its own, under limits.

This face is empty: `python -S -m pipeline.decoding.child` starts without a library.
"""
