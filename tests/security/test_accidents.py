"""An exception at any line of a fetch: no report of it contains the API key."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.utils import timezone
from django.views.debug import ExceptionReporter

from jobs import encryption
from jobs.encryption import Secret
from jobs.invopop import client, resolver
from jobs.models import Origin, Snapshot
from jobs.teams import api_tokens
from jobs.upstream import attempt
from tests.conftest import Stage
from tests.invopop.asking import TOKEN
from tests.misbehaving import MisbehavingServer
from tests.misbehaving.job import JOB_ID
from tests.pages import assert_token_absent

FETCH = (attempt.__file__, encryption.__file__, str(Path(client.__file__).parent))
Line = tuple[str, int]


class Accident(Exception):
    pass


class Accidents:
    """Runs a function, records each executed line of ours, and raises at one of them."""

    def __init__(self, run: Callable[[], object]) -> None:
        self._run = run
        self._passed: dict[Line, None] = {}
        self._at: Line | None = None

    def lines(self) -> list[Line]:
        self.happen(None)
        return list(self._passed)

    def happen(self, at: Line | None) -> Exception | None:
        """The result or exception."""
        forget_the_last()
        self._passed, self._at, before = {}, at, sys.gettrace()
        sys.settrace(self._trace)
        try:
            next(apart(self._run))
        except Exception as error:  # noqa: BLE001
            return error
        finally:
            sys.settrace(before)
        return None

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(FETCH):
            return None
        here = (frame.f_code.co_filename, frame.f_lineno)
        if event == "line" and here not in self._passed:
            self._passed[here] = None
            if here == self._at:
                raise Accident
        return self._trace


def apart(run: Callable[[], object]) -> Iterator[object]:
    """In a generator, which has a record of its own of the exception being handled. Where a trace function raises at an
    `except`, CPython 3.11 leaves one there for good, and every later exception of the thread has it as its context."""
    yield run()


def forget_the_last() -> None:
    """Closes the connection, so that the lines that open it are executed again; no request is left unanswered."""
    client._adapter.poolmanager.clear()
    for thread in threading.enumerate():
        if thread.name == "resolver":
            thread.join()
    resolver._asked.clear()
    Origin.objects.all().delete()  # or the breaker would block requests


@pytest.fixture(scope="module")
def server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        yield server


@pytest.fixture
def row(stage: Stage, server: MisbehavingServer, settings: Any) -> Snapshot:
    server.forget()
    settings.INVOPOP_API_URL = server.url
    api_tokens.put_in_use(stage.acme, Secret(TOKEN), None)
    return Snapshot.objects.create(team=stage.acme, job_id=JOB_ID, expires_at=timezone.now())


def fetch(row: Snapshot) -> bytes:
    token = row.team.tokens.get()
    return attempt._fetched(row, token, encryption.unseal(token.sealed, token.place))


def behind(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    """The exception with all its causes and contexts."""
    if error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        yield from behind(error.__cause__, seen)
        yield from behind(error.__context__, seen)


def variables(error: BaseException) -> Iterator[object]:
    """The variables of every frame, except the one that receives the text to protect it."""
    for each in behind(error, set()):
        yield each.args, vars(each)
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if frame.f_code is not Secret.__init__.__code__:
                yield frame.f_locals


def check_token_absent(error: BaseException) -> None:
    told = ["".join(traceback.format_exception(error)), *map(repr, variables(error))]
    told += map(repr, ExceptionReporter(None, type(error), error, error.__traceback__).get_traceback_frames())
    assert_token_absent("\n".join(told).encode(), TOKEN)


@pytest.mark.parametrize("debug", [False, True], ids=["", "debug"])
@pytest.mark.parametrize("fault", ["", "U002", "U045"], ids=["a good answer", "a refusal", "a broken connection"])
def test_no_report_holds_the_token(
    row: Snapshot, server: MisbehavingServer, settings: Any, fault: str, *, debug: bool
) -> None:
    settings.DEBUG, server.fault = debug, fault or None
    accidents = Accidents(lambda: fetch(row))
    lines, raised = accidents.lines(), 0
    for line in lines:
        error = accidents.happen(line)
        if error is not None:
            check_token_absent(error)
            raised += 1
    assert raised >= len(lines) - 10 > 100  # a few are caught


def test_an_error_is_not_the_context_of_later_ones(row: Snapshot) -> None:
    accidents = Accidents(lambda: attempt.run(row))
    for line in accidents.lines():
        accidents.happen(line)
        assert sys.exc_info() == (None, None, None)


def test_no_log_line_holds_the_token(row: Snapshot, caplog: pytest.LogCaptureFixture) -> None:
    accidents = Accidents(lambda: attempt.run(row))
    lines, logged = accidents.lines(), 0
    for line in lines:
        caplog.clear()
        accidents.happen(line)
        assert_token_absent(caplog.text.encode(), TOKEN)
        for record in caplog.records:
            if record.exc_info and record.exc_info[1] is not None:
                check_token_absent(record.exc_info[1])
                logged += 1
    assert logged > 20


def test_djangos_debug_page_shows_no_variable(row: Snapshot, settings: Any) -> None:
    """Not even the frame that receives the text to protect it."""
    settings.DEBUG = True
    first = Secret.__init__.__code__.co_firstlineno
    error = Accidents(lambda: fetch(row)).happen((encryption.__file__, first + 1))
    assert error is not None
    assert TOKEN in repr([frame.f_locals for frame, _ in traceback.walk_tb(error.__traceback__)])
    report = ExceptionReporter(None, Accident, error, error.__traceback__)
    assert_token_absent((report.get_traceback_html() + report.get_traceback_text()).encode(), TOKEN)
