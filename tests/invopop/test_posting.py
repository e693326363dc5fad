"""Posting to a URL entered by a person: with the safeguards of downloads, and no error contains it."""

from collections.abc import Iterator
from typing import Any

import pytest

from jobs.encryption import Secret
from jobs.invopop.errors import APIError, Unavailable
from jobs.invopop.posting import LIMITS, post
from jobs.invopop.transport import Limits
from tests.notifications.receiver import Receiver, receiving

QUICK = Limits(connect=1.0, silence=0.5, total=1.0, wire=64_000, decoded=64_000, error=0)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def send(receiver: Receiver, *, trusted: bool = True, limits: Limits = QUICK) -> Any:
    origins = [receiver.url] if trusted else []
    return post(Secret(receiver.url + "/secret-part"), b"{}", {"X-A": "b"}, trusted_origins=origins, limits=limits)


def test_a_message_arrives(receiver: Receiver) -> None:
    assert send(receiver).status == 200
    (got,) = receiver.received
    assert (got.path, got.body, got.headers["x-a"]) == ("/secret-part", b"{}", "b")


def test_status_and_retry_after_are_returned(receiver: Receiver) -> None:
    receiver.behaviour = "later"
    answer = send(receiver)
    assert (answer.status, answer.retry_after) == (429, 120)


def test_internal_addresses_are_refused_unless_named(receiver: Receiver) -> None:
    with pytest.raises(Unavailable, match="no connection"):
        send(receiver, trusted=False)
    assert receiver.received == []


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.behaviour, receiver.redirect_to = "redirect", receiver.url + "/inside"
    assert send(receiver).status == 307
    assert len(receiver.received) == 1


@pytest.mark.parametrize("behaviour", ["hang", "drip", "reset", "noise"])
def test_errors_are_our_own_words(receiver: Receiver, behaviour: str) -> None:
    receiver.behaviour = behaviour
    with pytest.raises(APIError) as raised:
        send(receiver)
    assert "secret-part" not in f"{raised.value!r}{raised.value.__context__!r}{raised.value.__cause__!r}"


@pytest.mark.parametrize("url", ["", "x", "https://", "ftp://example.com/", "https://a:port/", "https://exa mple/"])
def test_an_invalid_address_is_refused(url: str) -> None:
    with pytest.raises(APIError):
        post(Secret(url), b"", {})


def test_sending_ends_within_eight_seconds() -> None:
    assert LIMITS.total <= 8
