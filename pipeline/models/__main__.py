"""Puts the models in place, ahead of the first run."""

from __future__ import annotations

from pipeline.models.placing import main

main()
