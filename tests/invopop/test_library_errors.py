"""Library errors become ours, without any of their content."""

import http.client
import ssl

import pytest
import requests
import urllib3

from jobs.invopop.errors import Unavailable, Unusable
from jobs.invopop.library_errors import Broken, bare, translated
from jobs.invopop.transport import TooLarge

SECRET = "Bearer eyJ-do-not-repeat"


@pytest.mark.parametrize(
    ("raised", "kind", "reason"),
    [
        (TimeoutError(SECRET), Unavailable, "timeout"),
        (requests.ConnectTimeout(SECRET), Unavailable, "timeout"),
        (requests.ConnectionError(ssl.SSLError(SECRET)), Unavailable, "tls"),
        (TooLarge(SECRET), Unusable, "too large"),
        (requests.exceptions.InvalidURL(SECRET), Unusable, "not http"),
        (http.client.BadStatusLine(SECRET), Unusable, "not http"),
        (http.client.RemoteDisconnected(SECRET), Broken, "connection broken"),
        (urllib3.exceptions.ProtocolError(SECRET, ConnectionResetError(SECRET)), Broken, "connection broken"),
        (ZeroDivisionError(SECRET), Unavailable, "unexpected ZeroDivisionError"),
    ],
    ids=repr,
)
def test_each_library_error_maps_to_one_of_ours(raised: BaseException, kind: type[Unavailable], reason: str) -> None:
    error = translated(raised, began=False)
    assert type(error) is kind
    assert error.reason == reason
    assert SECRET not in repr((error, vars(error)))


def test_the_underlying_cause_decides() -> None:
    error = requests.ConnectionError("outer")
    error.__cause__ = urllib3.exceptions.MaxRetryError(None, "/", TimeoutError())  # type: ignore[arg-type]
    assert translated(error, began=False).reason == "timeout"


def test_circular_causes_terminate() -> None:
    one, other = ValueError(), ValueError()
    one.__cause__, other.__cause__ = other, one
    assert translated(one, began=False).reason == "not http"


def test_only_a_connection_broken_before_the_head_is_retried() -> None:
    assert isinstance(translated(ConnectionResetError(), began=False), Broken)
    assert not isinstance(translated(ConnectionResetError(), began=True), Broken)


def test_a_bare_error_has_no_traceback() -> None:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as cause:
            raise Unavailable("timeout") from cause
    except Unavailable as error:
        plain = bare(error)
    assert (plain.__traceback__, plain.__cause__, plain.__context__) == (None, None, None)
