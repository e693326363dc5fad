"""Loads the stories from JSON files."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("stories")


@cache
def load(name: str) -> Any:
    """The content of `stories/<name>.json`. It is cached and must not be changed."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
