"""Bytes of an image file -> its codec, and which of its pixels the file lacks.

This face is empty: a decoding process imports the codec that it needs, and nothing else.
"""
