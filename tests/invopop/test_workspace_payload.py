"""A workspace is parsed as leniently as a job."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.workspace_payload import parse

SAMPLES = Path(__file__).parents[1] / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


@pytest.mark.parametrize(
    ("body", "sandbox"), [(b'{"sandbox":true}', True), (b'{"sandbox":false}', False), (b"{}", None)]
)
def test_a_workspace_is_a_sandbox_only_if_it_says_so(body: bytes, sandbox: bool | None) -> None:
    assert parse(body).sandbox is sandbox
    assert parse(sample("workspace2026")).slug == "faro-blanco"


@given(st.binary(max_size=60))
def test_any_bytes_are_read(raw: bytes) -> None:
    for body in (raw, b'{"name":' + raw + b"}"):
        assert parse(body) is not None
