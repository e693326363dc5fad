"""GOBL's canonical JSON, of which a digest is made."""

from pathlib import Path

import pytest

from jobs.simulator.canonical import canonical, digest, parsed

SHARED = sorted((Path(__file__).parents[2] / "../shared/envelopes").glob("*.json"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"foo":"bar","c":123.4,"a":56,"b":0.0}', '{"a":56,"b":0.0E0,"c":1.234E2,"foo":"bar"}'),
        ('{"n":null,"e":1.5e-7,"big":-1200.50}', '{"big":-1.2005E3,"e":1.5E-7}'),
        ('["\\u00e9\\u0001\\n\\"\\/", true, null]', '["é\\u0001\\n\\"/",true,null]'),
        ('{"b":{"z":1,"Z":2},"a":[]}', '{"a":[],"b":{"Z":2,"z":1}}'),
    ],
)
def test_canonical_json(text: str, expected: str) -> None:
    assert canonical(parsed(text)) == expected


@pytest.mark.skipif(not SHARED, reason="no real envelopes here")
def test_digests_of_real_envelopes_are_correct() -> None:
    for path in SHARED:
        told = parsed(path.read_bytes())
        assert digest(told["doc"]) == told["head"]["dig"]["val"], path.name
