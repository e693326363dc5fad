"""The fingerprint changes with every field that is shown, and with nothing else."""

import json
import random
from typing import Any

import pytest

from jobs.invopop.job_fingerprint import fingerprint
from jobs.invopop.job_payload import parse
from tests.invopop.shapes import SHAPES, paths, sample, with_value


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_fingerprint_ignores_key_order_event_order_and_updated_at(shape: str) -> None:
    changed = _shaken(sample(shape), random.Random(7))
    assert fingerprint(parse(body(changed))) == fingerprint(parse(body(sample(shape))))


def _shaken(value: Any, chance: random.Random, name: str = "") -> Any:
    if isinstance(value, list):
        entries = [_shaken(entry, chance) for entry in value]
        return entries[::-1] if name == "events" else entries
    if not isinstance(value, dict):
        return "2030-01-01T00:00:00Z" if name == "updated_at" else value
    members = list(value.items())
    chance.shuffle(members)
    return {key: _shaken(child, chance, key) for key, child in members}


def test_the_samples_cover_every_visible_field() -> None:
    job = parse(body(sample("files2026")))
    parts = (job, job.intents[0], job.faults[0], job.attachments[0])
    fields = {name for part in parts for name in part.__slots__} | set(job.intents[0].events[0].__struct_fields__)
    sent = {name for shape in SHAPES for path in paths(sample(shape)) for name in path}
    assert fields - sent == {"other", "unread", "unread_count", "position", "step_field"}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_fingerprint_changes_with_any_other_visible_field(shape: str) -> None:
    before = fingerprint(parse(body(sample(shape))))
    for path in paths(sample(shape)):
        changed = fingerprint(parse(body(with_value(sample(shape), path, "other"))))
        assert (changed == before) == ("updated_at" in path), path
