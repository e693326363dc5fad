"""Responses of the single sign-on provider: complete, small and in time; otherwise an error."""

from collections.abc import Iterator

import pytest
import requests

from dashboard.accounts import provider_connection
from dashboard.accounts.provider_connection import Session
from jobs.invopop.transport import Limits
from tests.misbehaving import MisbehavingServer
from tests.misbehaving.job import JOB_ID
from tests.notifications.receiver import receiving

SHORT = Limits(connect=0.5, silence=0.3, total=0.5, wire=1_000_000, decoded=1_000_000)
NO_ANSWERS = [
    "U019", "U037", "U040", "U041", "U044", "U046", "U052", "U061 gzip bomb", "U065", "U069", "U071",
    "U081 nothing but a million lists",
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        yield server


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(provider_connection, "LIMITS", SHORT)
    with Session() as session:
        yield session


def test_a_good_answer_is_returned(server: MisbehavingServer, session: Session) -> None:
    server.forget()
    assert session.get(f"{server.url}/transform/v1/jobs/{JOB_ID}").json()["id"] == JOB_ID


@pytest.mark.parametrize("fault", NO_ANSWERS)
def test_unusable_answers_raise_in_time(server: MisbehavingServer, session: Session, fault: str) -> None:
    server.forget()
    server.fault = fault
    with pytest.raises(requests.RequestException):
        session.get(server.url)


@pytest.mark.parametrize("number", ["U075", "U082"])
def test_odd_numbers_and_depth_raise_or_parse(server: MisbehavingServer, session: Session, number: str) -> None:
    server.forget()
    server.fault = number
    try:
        answer = session.get(server.url)
    except requests.RequestException:
        return
    assert isinstance(answer.json(), dict)


def test_a_post_follows_no_redirect(session: Session) -> None:
    with receiving() as there, receiving() as elsewhere:
        there.behaviour, there.redirect_to = "redirect", elsewhere.url
        assert session.post(there.url, {"client_secret": "x"}).status_code == 307
        assert elsewhere.received == []
