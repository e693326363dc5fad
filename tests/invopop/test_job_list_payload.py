"""A page of the list of jobs is parsed as leniently as a job."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.job_list_payload import parse

SAMPLES = Path(__file__).parents[1] / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.json").read_bytes()


def test_a_page_has_jobs_and_a_next_cursor() -> None:
    page = parse(sample("list2026"))
    assert [job.status for job in page.items] == ["OK", "ERR"]
    assert (page.next_cursor, page.unread) == ("c-2", ())


def test_invalid_entries_do_not_hide_the_others() -> None:
    page = parse(b'{"list":[null,{"id":"a"},7],"next_cursor":null}')
    assert ([job.id for job in page.items], page.next_cursor, len(page.unread)) == (["a"], "", 2)


@given(st.binary(max_size=60))
def test_any_bytes_are_read(raw: bytes) -> None:
    for body in (raw, b'{"list":[' + raw + b"]}"):
        assert parse(body) is not None
