"""The stories as data: JSON files beside the code, read once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("stories")


@cache
def load(name: str) -> Any:
    """What `stories/<name>.json` holds. It is shared: take it, never change it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
