"""The shapes that a job has had in the API since 2021; together they have every field."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[1] / "samples"
SHAPES = ["task2021", "integration2022", "step2023", "faults2024", "meta2025", "args2025", "files2026", "stub2024"]


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value in a JSON value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in entries:
        yield (*path, key)
        yield from paths(child, (*path, key))


def with_value(value: Any, path: tuple[Any, ...], new: object) -> Any:
    """Changes the value at the path, and returns the whole."""
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return value
