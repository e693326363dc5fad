"""The look-up pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.cases import claims, notes, states
from jobs.failures.incidents import MANY
from jobs.gobl.identity import Identity
from jobs.lookup import pins
from jobs.models import JobRecord, LookUp, Membership, Snapshot, Team, Token
from jobs.views import shared_page
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, made


def test_help_has_a_row_for_each_form_of_input(bob: Client) -> None:
    page = bob.get("/help/").content.decode()
    assert page.count("<tr>") >= 12


def test_help_lists_every_keyboard_shortcut(bob: Client) -> None:
    keys = Path(str(finders.find("js/keys.js"))).read_text().partition("const keys = {")[2].partition("\n  }\n")[0]
    listened = set(re.findall(r'^    "?(\S)"?:', keys, re.MULTILINE))
    assert len(listened) == 7
    main = bob.get("/help/").content.decode().partition("<main")[2].partition("</main>")[0]
    assert set(re.findall(r"<kbd>(\S)</kbd>", main)) == listened | {"j", "k", "p"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def home(client: Client, slug: str = "acme") -> str:
    return client.get(f"/teams/{slug}/").content.decode()


def taken(stage: Stage, job: JobRecord) -> None:
    claims.take(stage.acme, job.job_id, stage.alice, None, timezone.now())


def written(stage: Stage, job: JobRecord) -> None:
    notes.write(stage.acme, job.job_id, stage.alice, "Hello", timezone.now())


def renamed(stage: Stage, job: JobRecord) -> None:
    taken(stage, job)
    home(signed_in(stage.bob))
    User.objects.filter(pk=stage.alice.pk).update(username="carol")


CHANGES: dict[str, tuple[Callable[[Stage, JobRecord], object], str]] = {
    "the team's name": (lambda stage, job: Team.objects.update(name="<hole watch>"), "&lt;hole watch&gt;"),
    "the role": (lambda stage, job: Membership.objects.update(role="manager"), "/teams/acme/settings/"),
    "the key": (lambda stage, job: Token.objects.create(team=stage.acme), "No API key yet"),
    "a rejected key": (
        lambda stage, job: Token.objects.create(team=stage.acme, refused_at=timezone.now()),
        "The API rejects the team’s API key",
    ),
    "a look-up": (lambda stage, job: LookUp.objects.all().delete(), "Nothing yet"),
    "a pin": (lambda stage, job: pins.turn(stage.bob, stage.acme, job.job_id, on=True), 'id="pinned-title"'),
    "a pin of the team": (
        lambda stage, job: states.pin(stage.acme, job.job_id, stage.alice, timezone.now(), on=True),
        'id="team-pins-title"',
    ),
    "who has it": (taken, "alice"),
    "their name": (renamed, "carol"),
    "a note": (written, 'aria-label="Notes"'),
    "another failure": (lambda stage, job: made(stage.acme, timezone.now(), **TAX_ID), '<span class="count">2</span>'),
    "one that was mended": (lambda stage, job: JobRecord.objects.update(mended_by=uuid4()), 'id="unclaimed-title"'),
    "what is known of it": (lambda stage, job: JobRecord.objects.update(outcome="cancelled"), "Cancelled"),
    "whom it is about": (lambda stage, job: JobRecord.objects.update(identity=""), "FS-1"),
}


class TestTeamsHome:
    """The session with its person; the team with the membership and the key; the day; which jobs are at hand, and what
    is known of them."""

    @pytest.fixture
    def job(self, stage: Stage) -> JobRecord:
        """That bob has looked up, and everybody may take care of."""
        record = made(stage.acme, timezone.now(), identity=Identity("FS-1"), **TAX_ID)
        LookUp.objects.create(user=stage.bob, team=stage.acme, job_id=record.job_id, at=timezone.now())
        return record

    @pytest.mark.parametrize("who", ["alice", "bob"])
    def test_queries(self, stage: Stage, job: JobRecord, who: str) -> None:
        for _ in range(MANY):
            made(stage.acme, timezone.now(), is_open=True, **NO_ANSWER)
        pins.turn(stage.bob, stage.acme, job.job_id, on=True)
        claims.take(stage.acme, job.job_id, stage.alice, None, timezone.now())
        person = signed_in(getattr(stage, who))
        with assertNumQueries(5):
            assert "Not getting through to AEAT" in home(person)

    def test_everybody_has_their_own_lists(self, stage: Stage, job: JobRecord) -> None:
        pins.turn(stage.alice, stage.acme, job.job_id, on=True)
        lists = {who: set(re.findall('id="([a-z-]+)-title"', home(signed_in(who)))) for who in (stage.alice, stage.bob)}
        assert lists[stage.alice] - lists[stage.bob] == {"pinned"}
        assert "recent" in lists[stage.bob]
        assert "Nothing yet" in home(signed_in(stage.alice))
        assert ">bob</span>" in home(signed_in(stage.bob))

    def test_another_team_has_another_home(self, stage: Stage, job: JobRecord) -> None:
        page = home(signed_in(stage.charlie), "elsewhere")
        assert "Acme" not in page
        assert str(job.job_id) not in page
        assert signed_in(stage.charlie).get("/teams/acme/").status_code == 404

    @pytest.mark.parametrize("what", CHANGES)
    def test_what_has_changed_is_shown_at_once(self, stage: Stage, job: JobRecord, what: str) -> None:
        change, expected = CHANGES[what]
        person = signed_in(stage.bob)
        before = home(person)
        assert home(person).count(expected) == before.count(expected)
        change(stage, job)
        assert home(person).count(expected) != before.count(expected)

    def test_a_different_pause_renders_no_new_page(
        self, stage: Stage, job: JobRecord, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The page states when to poll for its open jobs."""
        made_pages: list[str] = []
        render = shared_page.render_to_string
        monkeypatch.setattr(shared_page, "render_to_string", lambda *given: made_pages.append("") or render(*given))
        now = timezone.now()
        Snapshot.objects.create(
            team=stage.acme, job_id=job.job_id, outcome="running", fetched_at=now, expires_at=now + timedelta(days=1)
        )
        pauses = set()
        for seconds in (20, 10):
            Snapshot.objects.update(next_at=timezone.now() + timedelta(seconds=seconds))
            pauses |= set(re.findall(r'id="watched".*data-poll-ms="(\d+)"', home(signed_in(stage.bob))))
        assert len(pauses) == 2
        assert len(made_pages) == 1
