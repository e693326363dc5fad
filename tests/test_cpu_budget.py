"""No text from the API or a person blocks the processor: every parser, with a time limit on each example.

Hypothesis puts texts together from what parsers stumble over, then repeats them until they are long. A second stands
for "in proportion to the length": what grows with its square takes minutes here.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs import cpu_budget, formatting
from jobs.diagnosis.explanations import explain
from jobs.diagnosis.validation_errors import problems
from jobs.gobl import canonical
from jobs.gobl import envelope as gobl_envelope
from jobs.invopop import file_links, job_payload, responses, uuids
from jobs.invopop.errors import APIError
from jobs.invopop.job_fingerprint import fingerprint
from jobs.invopop.job_payload import Fault, Job, Pair
from jobs.jsontext import pointers, records, scanner
from jobs.lookup import pasted
from jobs.presenters import envelope as envelope_viewer
from jobs.presenters.redaction import redact
from tests.cpu_limits import processor_time

pytestmark = pytest.mark.budget
SECONDS = 1.0
NOW = datetime(2026, 11, 28, tzinfo=UTC)
LONG = 60_000  # bytes of a text made of a piece
HUGE = 2_000_000  # of the bombs

slow = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])

BRACKETS = ["{", "}", "[", "]", '"', '"a"', '"a":', ":", ",", "1", "-", "e9", "NaN", "null", " "]
ESCAPES = ["\\", '\\"', "\\u00e9", "\\ud800", "\0", "é", "e\u0301", "\u0301", "🤩", "\n", "\t", "~1", "`", "<", "'"]
PATHS = ["/", "/0", ".", "@", "$", "$.doc", "a.b", "https://", "/jobs/", "id=", "=", "aaaa-"]
SENTENCES = [
    "(",
    ")",
    ";",
    "a: ",
    "validation: ",
    "[GOBL-A-01] ",
    "($.doc.a, $.b) ",
    "+34 6",
    "AB12",
    "2026-01",
    "x" * 50,
]
bits = st.sampled_from([*BRACKETS, *ESCAPES, *PATHS, *SENTENCES, "00000000-0000-1000-8000-000000000000"])
pieces = st.lists(bits, min_size=1, max_size=4).map("".join)
texts = st.builds(
    lambda before, piece, inside, other, after: before
    + piece * (LONG // len(piece) // 2)
    + inside
    + other * (LONG // len(other) // 2)
    + after,
    pieces, pieces, pieces, pieces, pieces,
)  # fmt: skip


def quietly(read: Callable[[], object]) -> None:
    """Within the budget of a request, where running out of it is an answer; so is a text that is refused."""
    try:
        with cpu_budget.limited(cpu_budget.REQUEST / 2):
            read()
    except (cpu_budget.Exhausted, scanner.NotJSON, canonical.Uncertain, APIError):
        pass


JOB = b'{"id":%s,"status":%s,"args":%s,"intents":[{"events":%s}],"faults":[{"message":%s,"fields":%s}],"envelope":%s}'
ENVELOPE = b'{"head":{"dig":{"alg":"sha256","val":"00"},"stamps":%s},"sigs":%s,"doc":%s}'

OF_BYTES: dict[str, Callable[[bytes], object]] = {
    "search": lambda body: envelope_viewer.search(body, "García Mx"),
    "search for a part": lambda body: envelope_viewer.search(body, "a"),
    "compare": lambda body: envelope_viewer.compare(body, body[: len(body) // 2] + b"1" + body[len(body) // 2 :]),
    "viewer": lambda body: envelope_viewer.page(body, envelope_viewer.Asked()),
    "viewer, a place": lambda body: envelope_viewer.page(body, envelope_viewer.Asked(at="/0/0/a")),
    "viewer, a level": lambda body: envelope_viewer.node(body, start=1_000),
    "lines": lambda body: envelope_viewer.pretty(body),
    "lines, later ones": lambda body: envelope_viewer.pretty(body, 50_000),
    "job_payload": lambda body: fingerprint(job_payload.parse(JOB % ((body,) * 7))),
    "envelope": lambda body: gobl_envelope.checked(ENVELOPE % ((body,) * 3)),
    "canonical": lambda body: canonical.canonical(body),
    "scanner, members": lambda body: scanner.members(body),
    "scanner, elements": lambda body: list(scanner.elements(body)),
    "scanner, a string": lambda body: scanner.string(b'"' + body + b'"'),
    "pointer": lambda body: pointers.value(body, "/a/0" * 20),
    "place of a fault": lambda body: gobl_envelope.nearest(body, "$.doc" + "[0]" * 40),
    "number": lambda body: scanner.kind(b"1" + body),
    "answer": lambda body: responses.json_object(body),
    "error": lambda body: responses.error(403, {}, body, NOW),
}
OF_TEXT: dict[str, Callable[[str], object]] = {
    "search, what is sought": lambda text: envelope_viewer.search(b'{"a":["x"]}', text),
    "place, as a pointer": lambda text: envelope_viewer.page(b'{"a":["x"]}', envelope_viewer.Asked(at=text)),
    "ids": lambda text: pasted.read(text),
    "about an id": lambda text: uuids.about(text),
    "validation": lambda text: problems(Fault(message=text)),
    "validation, after a sentence": lambda text: problems(Fault(message=text + "[GOBL-A-01] ($.a) no")),
    "validation, fields": lambda text: problems(Fault(fields=text)),
    "path of a fault": lambda text: gobl_envelope.nearest(b'{"doc":{"a":[1]}}', text),
    "explanation": lambda text: explain("peppol.send", text, text),
    "ticket": lambda text: redact(text[:4_000], Job(args=(Pair("a", text),)), None),
    "shown text": lambda text: formatting.visible(text),
    "time": lambda text: records.instant(text),
    "link": lambda text: (file_links.link(text), file_links.link("https://silo.invopop.com/" + text)),
    "wait": lambda text: responses.retry_at(text, NOW),
}


@pytest.mark.parametrize("parser", OF_BYTES)
@slow
@given(texts)
def test_api_bytes_are_read_within_the_budget(parser: str, text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    with processor_time(SECONDS):
        quietly(lambda: OF_BYTES[parser](body))


@pytest.mark.parametrize("parser", OF_TEXT)
@slow
@given(texts)
def test_text_is_read_within_the_budget(parser: str, text: str) -> None:
    with processor_time(SECONDS):
        quietly(lambda: OF_TEXT[parser](text))


BOMBS = {
    "a million levels": b"[" * 1_000_000 + b"]" * 1_000_000,
    "levels of objects": b'{"a":' * (HUGE // 6) + b"1" + b"}" * (HUGE // 6),
    "levels that never close": b"[" * HUGE,
    "levels of many widths": b"[1," * (HUGE // 8) + b"1" + b",1]" * (HUGE // 8),
    "900 levels around a long text": b"[" * 900 + b'"' + b"x" * HUGE + b'"' + b"]" * 900,
    "many short lists": b"[" + b"[]," * (HUGE // 3) + b"1]",
    "many members": b"{" + b",".join(b'"k%d":%d' % (at, at) for at in range(HUGE // 16)) + b"}",
    "one name again and again": b"{" + b",".join([b'"k":1'] * (HUGE // 6)) + b"}",
    "members that are odd": b'{"z":NaN,' + b",".join(b'"k%d":1' % at for at in range(HUGE // 12)) + b"}",
    "digits": b"[" + b"7" * HUGE + b"]",
    "an exponent": b"[1e" + b"7" * HUGE + b"]",
    "backslashes": b'["' + b"\\" * HUGE + b'"]',
    "escapes": b'["' + b"\\u00e9" * (HUGE // 6) + b'"]',
    "marks on one letter": '["e{}"]'.format("\u0316\u0301" * (HUGE // 4)).encode(),
    "quotes": b'"' * HUGE,
    "spaces": b"[" + b" " * HUGE + b"]",
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("parser", OF_BYTES)
def test_no_bomb_occupies_the_processor(parser: str, bomb: str) -> None:
    """A request has a second; a step that cannot be interrupted may take half a second more on a slow machine."""
    with processor_time(1.5 * SECONDS):
        quietly(lambda: OF_BYTES[parser](BOMBS[bomb]))


# The budget


def test_an_overrun_is_stopped_and_the_next_call_is_not() -> None:
    with pytest.raises(cpu_budget.Exhausted), cpu_budget.limited(0):
        list(cpu_budget.checked([1]))
    assert list(cpu_budget.checked([1])) == [1]


def test_a_nested_budget_lasts_no_longer() -> None:
    with cpu_budget.limited(0), cpu_budget.limited(60):
        assert not cpu_budget.is_left()
    with cpu_budget.limited(60):
        with cpu_budget.limited(0):
            assert not cpu_budget.is_left()
        assert cpu_budget.is_left()


def test_long_texts_are_read_one_at_a_time() -> None:
    turns: list[str] = []
    inside, done = threading.Event(), threading.Event()

    def first() -> None:
        with cpu_budget.turn(cpu_budget.LONG), cpu_budget.turn(cpu_budget.LONG):  # one that has the turn keeps it
            inside.set()
            done.wait(10)
            turns.append("first")

    def second() -> None:
        with cpu_budget.turn(cpu_budget.LONG):
            turns.append("second")

    with ThreadPoolExecutor(2) as threads:
        threads.submit(first)
        assert inside.wait(10)
        later = threads.submit(second)
        with cpu_budget.turn(cpu_budget.LONG - 1):  # a short one waits for nobody
            turns.append("short")
        done.set()
        later.result(10)
    assert turns == ["short", "first", "second"]


def test_an_exception_releases_the_turn() -> None:
    with pytest.raises(ZeroDivisionError), cpu_budget.turn(cpu_budget.LONG):
        raise ZeroDivisionError

    def take() -> str:
        with cpu_budget.turn(cpu_budget.LONG):
            return "taken"

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(take).result(10) == "taken"


class TestGivingWay:
    """A long text pauses for short requests of other threads."""

    @pytest.fixture
    def end(self) -> Iterator[Event]:
        """Ends a request that is under way in another thread."""
        begun, end = Event(), Event()

        def respond() -> None:
            with cpu_budget.request():
                begun.set()
                end.wait(20)

        with ThreadPoolExecutor(1) as thread:
            responded = thread.submit(respond)
            assert begun.wait(20)
            yield end
            end.set()
            responded.result(20)

    @pytest.fixture
    def pauses(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The pauses made; each ends at once. Requests stay short however slow this machine is."""
        made: list[float] = []
        monkeypatch.setattr(cpu_budget, "sleep", made.append)
        monkeypatch.setattr(cpu_budget, "SHORT", 60)
        return made

    def test_it_pauses_until_the_request_has_ended(
        self, end: Event, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def pause(seconds: float) -> None:
            pauses.append(seconds)
            end.set()
            while cpu_budget._begun:
                pass

        monkeypatch.setattr(cpu_budget, "sleep", pause)
        monkeypatch.setattr(cpu_budget, "LONGEST_PAUSE", 60)
        with cpu_budget.turn(cpu_budget.LONG):
            cpu_budget.check()
            cpu_budget.check()
        assert len(pauses) == 1

    def test_it_goes_on_however_many_requests_there_are(
        self, end: Event, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cpu_budget, "SHORTEST_STINT", 60)
        with cpu_budget.turn(cpu_budget.LONG):
            cpu_budget.check()
            made = len(pauses)
            cpu_budget.check()
        assert 0 < made == len(pauses)

    def test_it_does_not_pause_for_a_request_that_takes_long(
        self, end: Event, pauses: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cpu_budget, "SHORT", 0)
        with cpu_budget.turn(cpu_budget.LONG):
            cpu_budget.check()
        assert not pauses

    def test_a_short_text_does_not_pause(self, end: Event, pauses: list[float]) -> None:
        with cpu_budget.turn(cpu_budget.LONG - 1):
            cpu_budget.check()
        assert not pauses

    def test_nobody_pauses_for_a_request_with_a_long_text(self, pauses: list[float]) -> None:
        with cpu_budget.request(), cpu_budget.turn(cpu_budget.LONG):
            cpu_budget.check()
        assert not pauses
        assert not cpu_budget._begun
