"""What is read of the silo is read from any bytes."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.silo_payload import parse_folder, parse_found


def test_the_folder_of_an_entry_may_be_missing() -> None:
    assert [parse_folder(body) for body in (b'{"folder":"sales"}', b'{"folder":null}', b"{}")] == ["sales", "", ""]


def test_entries_without_an_id_are_left_out() -> None:
    assert parse_found(b'{"list":[{"id":"a"},{},null,{"id":""},{"id":"b"}]}') == {"a", "b"}


@given(st.binary(max_size=60))
def test_any_bytes_are_read(raw: bytes) -> None:
    for body in (raw, b'{"list":[' + raw + b"]}", b'{"folder":' + raw + b"}"):
        assert isinstance(parse_folder(body), str)
        assert "" not in parse_found(body)
