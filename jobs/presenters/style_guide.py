"""Invented jobs, one for each state of the job page, for the style guide and its tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

from jobs.cases.overview import Overview
from jobs.failures import charts, incidents, ranges
from jobs.failures.filters import Filters
from jobs.gobl.identity import Identity
from jobs.invopop import uuids
from jobs.invopop.job_payload import Attachment, Event, Fault, Intent, Job, Moment, Pair
from jobs.invopop.workflow_payload import Step, Workflow
from jobs.models import Team
from jobs.presenters import case, failures, job_page, state_colours
from jobs.presenters.failures import CauseRow
from jobs.presenters.incidents import IncidentLine, incident_line
from jobs.presenters.job_page import Page
from jobs.presenters.timestamps import timestamp
from jobs.records.identities import Sealed

START = datetime(2026, 10, 6, 14, 22, 59, 372000, tzinfo=UTC)
NOW = START + timedelta(hours=2)
ID = "01a11047-ac1d-7cbd-bd88-1eda61db0f49"
STEPS = (
    ("Set state", "silo.state"),
    ("Add sequential code", "sequence.enumerate"),
    ("Sign envelope", "silo.close"),
    ("Send invoice to VERI*FACTU", "verifactu.send"),
    ("Send Webhook", "webhook"),
)
WORKFLOW = Workflow(
    id="w", name="Invoices, Spain", version="3", steps=tuple(Step(f"s{at}", *step) for at, step in enumerate(STEPS))
)
TROUBLES = ("stale", "throttle", "reject", "auth", "gone", "no_token", "token_unreadable")
WITHOUT_COPY = ("fetching", "sealed", *TROUBLES)


def context(state: str) -> dict[str, Any]:
    """Context of `styleguide.html`: the page of one state; without a state, all components and the list of states."""
    pages = dict(_pages())
    shown = pages.get(state)
    return {
        "team": _team(),
        "job_id": ID,
        "state": state if shown else "",
        "page": shown,
        "pages": pages.items(),
        "outcomes": state_colours.OUTCOMES.items(),
        "documents": state_colours.DOCUMENTS.items(),
        "cases": case.STATES.items(),
        "glance": Overview(holder="alice", holder_id=1, state="customer", notes=3),
        "events": state_colours.EVENTS.items(),
        "tones": ("ok", "run", "wait", "warn", "fault", "off"),
        "live_states": ("live", "paused", "slow", "lost", "offline", "finished", "still", "shut", "signed-out"),
        "poll_ms": 0,
        "checked_at": NOW,
        "causes": _causes(),
        "incidents": _incidents(),
        "filters": Filters(ranges.span(ranges.TODAY, NOW, ranges.zone(""))),
    }


class Recognised(Sealed):
    """The identity of an invented job, without encryption."""

    identity = Identity("FS-26-001209", "Lucía Ferrándiz Gil", "1465.86", "EUR")


def _causes() -> list[CauseRow]:
    """A row of the failures page for each advice on rerunning, then one without an explanation."""
    explained = [
        _cause(number, rerun=word, move=move)
        for number, (word, move) in enumerate(zip_longest(failures.RERUNS, failures.MOVES, fillvalue=""))
    ]
    odd: dict[str, Any] = {
        "title": "<b>layout … asks for an unknown language",
        "is_explained": False,
        "remedy": "",
        "code": "",
    }
    return [*explained, replace(_cause(len(explained), "settled", "invopop", state="mended"), **odd)]


def _cause(number: int, rerun: str, move: str, state: str = "ended") -> CauseRow:
    bars = (0, 1, number, 0, 2, 0)
    drawn = charts.chart(bars)
    job = failures.JobRow(
        UUID(ID), Recognised(), "completed_faults", "rejected", "Invoices", NOW,
        False, UUID(ID) if state == "mended" else None, Overview(holder="alice", holder_id=1),
    )  # fmt: skip
    return CauseRow(
        key=f"cause-{number}",
        state=state,
        anchor=f"{state}-{number}",
        title="The customer’s tax id is not known to the tax agency",
        is_explained=True,
        remedy="Correct the tax id.",
        provider="verifactu.send",
        code="4104",
        message="NIF … unknown",
        owner=move,
        move=failures.MOVES.get(move, ""),
        rerun_word=rerun,
        rerun=failures.RERUNS.get(rerun),
        count=sum(bars),
        held=number % 3,
        is_new=number == 0,
        first=START,
        last=NOW,
        bars=bars,
        chart=drawn,
        peak="Most: 2, from 04:00 on (UTC)",
        jobs=(job,),
        query="",
    )


def _incidents() -> list[IncidentLine]:
    """Each kind of incident, of a provider and of the team's webhook, ongoing and over."""
    jobs = tuple(UUID(int=number) for number in range(5))
    kinds = [("verifactu.send", incidents.FAILS), ("verifactu.send", incidents.WAITS), ("webhook", incidents.FAILS)]
    return [
        incident_line(incidents.Incident(provider, kind, START, end, jobs, 0 if end else waiting))
        for provider, kind in kinds
        for end, waiting in ((None, 2), (NOW, 0))
    ]


def _pages() -> list[tuple[str, Page]]:
    made = [(name, job_page.of_job(job, NOW, WORKFLOW)) for name, job in _jobs()]
    shown = made[0][1]
    troubles = [(f"trouble-{word}", replace(shown, trouble=word, **_since())) for word in TROUBLES]
    facts = uuids.about(ID)
    without = [
        (f"without-{word}", Page(ID, word, id_facts=facts, id_made=timestamp(facts.created_at), **_since()))
        for word in WITHOUT_COPY
    ]
    return [*made, *troubles, *without]


def _since() -> dict[str, Any]:
    return {"failing_since": timestamp(NOW), "retry_at": timestamp(NOW + timedelta(minutes=1))}


def _team() -> Team:
    team = Team(slug="style", name="Faro del Sur")
    team.token = None  # the team is not in the database
    return team


def _jobs() -> list[tuple[str, Job]]:
    """One job for each outcome, then special cases."""
    ok, last = ("RUN", "OK"), len(STEPS)
    return [
        ("completed", _job(*[ok] * last, done=True, attachments=_files(3))),
        ("accepted", _job(status="NA")),
        ("running", _job(ok, ok, ("RUN",))),
        ("between_steps", _job(ok, ok)),
        ("waiting", _job(ok, ok, ok, ("RUN", "QUEUED"), message="waiting for approval")),
        ("woken", _job(ok, ok, ok, ("RUN", "QUEUED", "POKE"))),
        ("retrying", _job(ok, ok, ok, ok, ("RUN", "ERR") * 6, message="unexpected response: 503 Service Unavailable")),
        ("failing", _job(ok, ok, ok, ("RUN", "KO"), message="NIF not registered", faults=_faults(1))),
        ("cancelling", _job(ok, ok, ("RUN", "CANCEL"))),
        ("completed_faults", _job(ok, ok, ok, ("RUN", "KO"), ok, done=True, message="NIF unknown", faults=_faults(2))),
        ("completed_handled", _job(ok, ok, ok, ("RUN", "KO"), ok, done=True, message="4104")),
        ("completed_skipped", _job(ok, ("RUN", "SKIP"), ok, done=True, message="Code already present")),
        ("cancelled", _job(ok, ("RUN", "CANCEL"), done=True)),
        ("unknown", _job(ok, ("RUN", "SIGNED"))),
        ("many_steps", _job(*[("RUN", "ERR", "RUN", "OK")] * 41, done=True)),
        ("many_files", _job(ok, done=True, attachments=_files(49))),
        ("odd", _odd()),
    ]


def _job(*steps: tuple[str, ...], done: bool = False, message: str = "", status: str = "OK", **more: Any) -> Job:
    intents = tuple(_intent(at, words, message) for at, words in enumerate(steps))
    return Job(
        id=ID,
        created_at=_at(0),
        updated_at=_at(60),
        completed_at=_at(90) if done else None,
        status=status,
        key="order-88213",
        tags=("shop", "order-88213"),
        silo_entry_id="01a11047-7c86-7b8a-bb79-cacbb1d4886c",
        workflow_id="79bb8d52-a97e-4821-90c7-87188c10b710",
        intents=intents,
        **more,
    )


def _intent(at: int, words: tuple[str, ...], message: str) -> Intent:
    name, provider = STEPS[at % len(STEPS)]
    loud = {"ERR", "KO", "QUEUED", "SKIP"}
    events = tuple(
        Event(place, place, word, _at(at * 2 + place * (1 + at)), message=message if word in loud else "")
        for place, word in enumerate(words)
    )
    return Intent(
        id=f"01a11047-b{at:03}-7000-8000-000000000000",
        created_at=_at(at * 2),
        step_id=f"s{at % len(STEPS)}",
        step_field="step_id",
        name=name,
        provider=provider,
        events=events,
    )


def _faults(count: int) -> tuple[Fault, ...]:
    first = Fault("verifactu.send", "4104", "NIF unknown", ("$.doc.customer.tax_id",))
    return (first, Fault("webhook", "", "action requires a silo entry"))[:count]


def _files(count: int) -> tuple[Attachment, ...]:
    kinds = (("format", "invoice.pdf"), ("request", "sent.xml"), ("response", "answer.xml"), ("", "note.txt"))
    return tuple(_file(at, *kinds[at % len(kinds)]) for at in range(count))


def _file(at: int, category: str, name: str) -> Attachment:
    url = f"https://silo.invopop.com/AaEQR3yGe4q7ecq7sdSIbA/AaEQR3yGe4q7ecq7sdSIb{at % 10}/{name}"
    return Attachment(id=f"f{at}", name=name, size=4_200 * (at + 1), hash="9f86d081" * 8, url=url, category=category)


def _odd() -> Job:
    """Invalid content: markup, an unreadable time, a script as link, no names."""
    strange = Event(0, None, "what?", Moment("next Tuesday"), "<b>", "\u202egnp.exe <script>alert(1)</script>" * 80)
    intent = Intent(events=(strange,), other=(Pair("mood", "calm"),))
    files = (Attachment(id="x", name="../../<img src=x>", url="javascript:alert(1)"), Attachment())
    return Job(
        id=ID, created_at=Moment("yesterday"), intents=(intent,), attachments=files, other=(Pair("new", "field"),)
    )


def _at(seconds: float) -> Moment:
    at = START + timedelta(seconds=seconds)
    return Moment(at.isoformat(timespec="milliseconds"), at)
