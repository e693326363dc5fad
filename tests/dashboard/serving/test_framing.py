"""The length of the first request in a buffer."""

import pytest

from dashboard.serving import framing
from dashboard.serving.framing import Refusal


class TestFraming:
    @pytest.mark.parametrize(
        ("head", "body"),
        [
            (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0),
            (b"POST / HTTP/1.1\r\ncontent-length:7\r\n\r\n", 7),
            (b"POST / HTTP/1.1\r\nCONTENT-LENGTH: \t7 \r\n\r\n", 7),
            (b"POST / HTTP/1.1\r\nX-Content-Length: 7\r\n\r\n", 0),
            (b"POST / HTTP/1.1\r\nX: y\ncontent-length: 7\r\n\r\n", 0),
            (b"POST / HTTP/1.1\r\ncontent-length: 7_0\r\n\r\n", 0),
        ],
    )
    def test_the_length_of_the_first_request_is_found(self, head: bytes, body: int) -> None:
        assert framing.length(bytearray(head)) == len(head) + body
        assert framing.length(bytearray(head + b"and more")) == len(head) + body

    @pytest.mark.parametrize("cut", [0, 5, 26])
    def test_an_incomplete_head_has_no_length(self, cut: int) -> None:
        assert framing.length(bytearray(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[:cut])) is None

    def test_non_ascii_digits_are_left_to_the_parser(self) -> None:
        found = framing.length(bytearray("POST / HTTP/1.1\r\ncontent-length: ٣\r\n\r\n".encode()))
        assert not isinstance(found, Refusal)
