"""Clients cannot choose the encoding of a request."""

from io import BytesIO

import pytest

from dashboard.utf8_requests import InUtf8


def asked(content_type: str, query: str, body: bytes = b"") -> InUtf8:
    return InUtf8(
        {
            "REQUEST_METHOD": "POST", "SERVER_NAME": "x", "SERVER_PORT": "80", "QUERY_STRING": query,
            "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body),
        }
    )  # fmt: skip


@pytest.mark.parametrize("said", ["hex", "idna", "unicode_escape", "utf-7", "bogus", "utf-16"])
def test_a_named_encoding_is_ignored(said: str) -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800 \xc3\xa9\r\n--B--\r\n'
    request = asked(f"multipart/form-data; boundary=B; charset={said}", "q=%5Cud800%C3%A9", body)
    assert request.GET["q"] == "\\ud800é"
    assert request.POST["name"] == "\\ud800 é"


def test_too_many_parameters_are_no_error_before_the_view() -> None:
    assert asked("text/plain; charset=utf-8", "&".join(f"a{number}=1" for number in range(500))).path == "/"
