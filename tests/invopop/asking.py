"""Requests to the misbehaving server through the client, and checks that apply to every fault."""

import time
import traceback
from typing import NoReturn

from jobs.invopop.client import Client
from jobs.invopop.errors import APIError, NoSuchJob, Refused, Throttled, Unavailable, Unusable
from jobs.invopop.transport import Limits
from tests.misbehaving import Fault, MisbehavingServer
from tests.misbehaving.job import JOB_ID

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJleHAiOjB9.do-not-tell-anybody"
PATH = f"/transform/v1/jobs/{JOB_ID}"
CLASSES = {Refused: "auth", NoSuchJob: "gone", Throttled: "throttle", Unavailable: "stale", Unusable: "reject"}

PACE = 0.1
QUICK = Limits(connect=0.2, silence=0.2, total=0.35)  # for a server with short pauses: drips are never silent
LATE = 5.0  # seconds of tolerance for a busy machine


class OpaqueToken:
    """A token readable only through reveal()."""

    def __init__(self, text: str = TOKEN) -> None:
        self.reveal = lambda: text


class LeakError(Exception):
    """The token's text was found in a forbidden place."""


def client(server: MisbehavingServer, limits: Limits | None = None, token: str = TOKEN) -> Client:
    return Client(server.url, OpaqueToken(token), limits=limits or Limits())


def outcome(asked: Client, job_id: str = JOB_ID) -> str:
    """The class of the outcome, in the words of the table of faults."""
    try:
        asked.job(job_id)
    except APIError as error:
        check_nothing_leaks(error)
        return next(word for kind, word in CLASSES.items() if isinstance(error, kind))
    return "show"


def check(server: MisbehavingServer, fault: Fault) -> str:
    """Requests the job during the fault and after it; returns the class of the first."""
    server.fault, server.pace = fault, PACE
    limits = QUICK if fault.slow else Limits()
    began = time.monotonic()
    found = outcome(client(server, limits))
    assert time.monotonic() - began < limits.total + LATE
    _check_requests(server)
    expected = {"show" if word == "partial" else word for word in fault.expect}
    assert found in expected
    server.fault = None
    assert outcome(client(server)) == "show", "the fault reached the next request"
    return found


def check_nothing_leaks(error: APIError) -> None:
    """Asserts that neither the exception nor the variables of its frames contain the token."""
    if error.__cause__ is not None or error.__context__ is not None:
        raise LeakError("an exception behind the exception")
    frames = [frame.f_locals for frame, _ in traceback.walk_tb(error.__traceback__)]
    if TOKEN in repr(frames) or TOKEN in repr((error.args, vars(error))):
        raise LeakError("the token in a traceback")
    if len(error.reason) > 60 or not error.reason.isascii():
        raise LeakError("a reason that is not ours")


def never(*args: object, **kwargs: object) -> NoReturn:
    raise AssertionError("this must not be called")


def _check_requests(server: MisbehavingServer) -> None:
    assert len(server.requests) <= 2
    for asked in server.requests:
        assert (asked.method, asked.path) == ("GET", PATH)
        assert asked.headers["authorization"] == f"Bearer {TOKEN}"
        assert asked.headers["user-agent"].startswith("invopop-jobs-dashboard/")
        assert not {"cookie", "proxy-authorization", "referer"} & asked.headers.keys()
