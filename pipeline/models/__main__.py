"""Puts the models in place and prepares them, ahead of the first run."""

from __future__ import annotations

import sys

from pipeline.models.placing import place_models
from pipeline.models.preparation import prepared
from pipeline.settings import ModelSettings


def main() -> None:
    """Place and prepare all models, and name them, one a line."""
    for model in place_models(ModelSettings()):
        with prepared(model):
            sys.stdout.write(f"{model.name}  {model.sha256[:12]}  {model.folder}\n")


if __name__ == "__main__":
    main()
