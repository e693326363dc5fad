"""The live part: rendered once for all watchers, and what it shows if no key decrypts the copy."""

import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs import cpu_budget
from jobs.models import Snapshot, SnapshotBody, Token
from jobs.presenters import job_page
from jobs.simulator.server import Simulator
from jobs.upstream import refresh, snapshots
from jobs.views import live_part
from tests.conftest import Stage, give_token
from tests.pages import assert_inert
from tests.presenters.live_versions import parsed, put_in
from tests.views.polling import Start, poll, tag_of

OLD = "b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZC0="
NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
CANNOT = "Saved copy can’t be decrypted"


@pytest.fixture
def job_id(stage: Stage, simulator: Simulator, settings: Any) -> str:
    """A finished job whose copy is encrypted with the new key, while this process has only the old one."""
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    give_token(stage.acme, simulator)
    job_id = simulator.start_job("es-accepted", speed=1e8)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    assert snapshots.for_page(stage.acme, UUID(job_id), timezone.now()).body
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    return job_id


@pytest.fixture
def not_asked_lately(job_id: str) -> None:
    Snapshot.objects.update(asked_at=None)


def polled(client: Client, job_id: str, tag: str) -> Any:
    return client.get(f"/teams/acme/jobs/{job_id}/", headers={"HX-Request": "true", "HX-PTag": tag})


def test_the_page_says_what_to_do(as_bob: Client, job_id: str) -> None:
    page = as_bob.get(f"/teams/acme/jobs/{job_id}/").content.decode()
    assert CANNOT in page
    assert "restore the old key in TOKEN_ENCRYPTION_KEYS" in page
    assert 'data-poll-ms="3000"' in page


def test_its_own_tag_lets_a_process_with_the_key_show_the_job(as_bob: Client, job_id: str, settings: Any) -> None:
    unreadable = polled(as_bob, job_id, "older")
    assert CANNOT in unreadable.content.decode()
    assert unreadable.headers["HX-PTag"].endswith("-unreadable")
    assert unreadable.headers["HX-PTag"] in unreadable.content.decode()
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    shown = polled(as_bob, job_id, unreadable.headers["HX-PTag"])
    assert shown.status_code == 200
    assert CANNOT not in shown.content.decode()
    settings.TOKEN_ENCRYPTION_KEYS = [OLD]
    assert polled(as_bob, job_id, shown.headers["HX-PTag"]).status_code == 304


def test_no_cache_stores_it(as_bob: Client, job_id: str) -> None:
    live_part._rendered.clear()
    live_part._answers.clear()
    for _ in range(2):
        polled(as_bob, job_id, "older")
        as_bob.get(f"/teams/acme/jobs/{job_id}/")
    assert not live_part._rendered._kept
    assert not live_part._answers._kept


@pytest.mark.usefixtures("not_asked_lately")
def test_a_finished_job_is_fetched_again(as_bob: Client, job_id: str, stage: Stage) -> None:
    polled(as_bob, job_id, "older")
    refresh.wait(Snapshot.objects.get(), 5)
    shown = polled(as_bob, job_id, "older")
    assert CANNOT not in shown.content.decode()
    assert 'data-poll-ms="0"' in shown.content.decode()


@pytest.mark.usefixtures("not_asked_lately")
def test_many_watchers_fetch_it_once(as_bob: Client, job_id: str, simulator: Simulator) -> None:
    simulator.requests.clear()
    simulator.misbehave(job_id, "slow:0.3", times=1)
    for _ in range(10):
        polled(as_bob, job_id, "older")
    refresh.wait(Snapshot.objects.get(), 5)
    assert simulator.requests.count(job_id) == 1


@pytest.mark.parametrize("part", ["job.json", "envelope.json"])
def test_a_machine_gets_503(as_bob: Client, job_id: str, part: str) -> None:
    answer = as_bob.get(f"/teams/acme/jobs/{job_id}/{part}")
    assert (answer.status_code, json.loads(answer.content)["error"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("part", ["envelope/", "runs/", "events/?step=0", "console/", "attachments/x/", "workflow/"])
def test_its_subpages_show_the_same_notice(as_bob: Client, job_id: str, part: str) -> None:
    answer = as_bob.get(f"/teams/acme/jobs/{job_id}/{part}")
    assert answer.status_code == 503
    assert CANNOT in answer.content.decode()


def test_a_copy_under_a_known_key_is_not_resealed(stage: Stage, job_id: str, settings: Any) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    sealed = bytes(SnapshotBody.objects.get().sealed)
    Snapshot.objects.update(next_at=timezone.now(), asked_at=None)
    refresh._refresh(Snapshot.objects.get().pk)
    assert Snapshot.objects.get().checked_at > Snapshot.objects.get().fetched_at
    assert bytes(SnapshotBody.objects.get().sealed) == sealed


def test_an_api_key_this_process_cannot_decrypt_stops_no_watcher(
    as_bob: Client, job_id: str, stage: Stage, settings: Any
) -> None:
    """Another process may have the encryption key: the job is tried again, and its page goes on asking."""
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    Snapshot.objects.update(next_at=timezone.now(), asked_at=None)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    refresh._refresh(Snapshot.objects.get().pk)
    row = Snapshot.objects.get()
    assert row.trouble == Snapshot.Trouble.TOKEN_UNREADABLE
    assert row.next_at is not None
    assert snapshots.SnapshotView(row, timezone.now()).trouble is None  # once is nothing to tell
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, OLD]
    Snapshot.objects.update(next_at=timezone.now())
    refresh._refresh(row.pk)
    assert not Snapshot.objects.get().trouble
    assert Token.objects.get(in_use=True).refused_at is None


class TestLivePart:
    def test_it_is_the_same_in_the_page_and_alone(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        page, part = as_bob.get(path).content, poll(as_bob, path).content
        assert part.strip() in page

    def test_a_page_of_an_earlier_version_gets_this_versions_part(
        self, as_bob: Client, start: Start, settings: Any
    ) -> None:
        path, now = start("es-accepted"), settings.VERSION
        as_bob.get(path)
        settings.VERSION = "0.9.9"
        old = tag_of(as_bob, path)
        assert poll(as_bob, path, old).status_code == 304
        settings.VERSION = now
        answer = poll(as_bob, path, old)
        assert answer.status_code == 200
        assert answer.content.startswith(b'<section id="job"')
        assert poll(as_bob, path, answer.headers["HX-PTag"]).status_code == 304

    def test_it_is_the_same_for_everybody(self, as_bob: Client, stage: Stage, start: Start) -> None:
        path, alice = start("es-accepted"), Client()
        as_bob.get(path)
        alice.force_login(stage.alice)
        assert poll(as_bob, path).content == poll(alice, path).content

    def test_unchanged_it_costs_no_body_and_two_queries(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        as_bob.get(path)
        tag = tag_of(as_bob, path)
        with assertNumQueries(2):  # the session with its person, the small row
            answer = poll(as_bob, path, tag)
        assert (answer.status_code, answer.content) == (304, b"")
        head = sum(len(name) + len(value) + 4 for name, value in answer.items())
        assert head < 150
        assert "X-Content-Type-Options" not in answer.headers  # there is nothing to sniff
        assert "Content-Length" not in answer.headers  # with 304 it would tell the length of the answer there is

    @pytest.mark.parametrize(
        ("began", "used", "is_told"),
        [(600, 10, True), (600, 300, False), (7200, 1000, True), (7 * 86_400 - 1800, 300, True)],
        ids=["moved just now", "known to every tab", "moved by this poll", "near"],
    )
    def test_unchanged_it_states_the_end_of_the_session_only_while_that_is_news(
        self, as_bob: Client, start: Start, began: int, used: int, is_told: bool
    ) -> None:
        """`began` and `used`: seconds ago."""
        path = start("es-accepted")
        as_bob.get(path)
        tag, session, now = tag_of(as_bob, path), as_bob.session, time.time()
        session.update({"began": now - began, "used": now - used})
        session.save()
        answer = poll(as_bob, path, tag)
        assert answer.status_code == 304
        assert answer.has_header("X-Session-Left") is is_told

    def test_a_ten_megabyte_job_makes_no_poll_dearer(self, as_bob: Client, start: Start) -> None:
        path = start("large-10")
        assert_inert(as_bob.get(path).content)
        tag = tag_of(as_bob, path)
        with assertNumQueries(2):
            assert poll(as_bob, path, tag).status_code == 304

    def test_a_long_job_being_rendered_keeps_no_other_page_waiting(self, as_bob: Client, start: Start) -> None:
        long, short = start("large-10"), start("es-accepted")
        for path in (long, short):
            while b'id="headline"' not in as_bob.get(path).content:
                pass  # on a busy machine a large response may take several attempts
        live_part._rendered.clear()
        with ThreadPoolExecutor(2) as visitors:
            with cpu_budget.turn(cpu_budget.LONG):  # so that rendering the long one waits
                slow = visitors.submit(_again(as_bob).get, long)
                while not live_part._rendered._making and not slow.done():
                    pass
                quick = visitors.submit(_again(as_bob).get, short)
                assert quick.result(timeout=20).status_code == 200
                assert not slow.done()
            assert slow.result(timeout=60).status_code == 200

    def test_it_is_rendered_once_for_all_its_watchers(
        self, as_bob: Client, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path, made = start("es-accepted"), []
        as_bob.get(path)
        live_part._rendered.clear()
        page = job_page.page
        monkeypatch.setattr(job_page, "page", lambda *given, **named: made.append(1) or page(*given, **named))
        with ThreadPoolExecutor(8) as watchers:
            parts = set(watchers.map(lambda _: poll(_again(as_bob), path).content, range(16)))
        as_bob.get(path)
        assert (len(parts), len(made)) == (1, 1)

    def test_changed_it_is_packed_once_and_reads_only_the_small_row(
        self, as_bob: Client, stage: Stage, start: Start
    ) -> None:
        path, packed = start("es-accepted"), {"Accept-Encoding": "gzip"}
        as_bob.get(path)
        plain = poll(as_bob, path)
        alice = Client(headers=packed)
        alice.force_login(stage.alice)
        with assertNumQueries(2):
            first = poll(alice, path)
        assert first.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in first.headers["Vary"]
        assert gzip.decompress(first.content) == plain.content
        assert poll(alice, path).content == first.content  # even its random padding

    def test_a_page_stating_what_it_shows_gets_the_changes_from_any_process(
        self, as_bob: Client, start: Start, simulator: Simulator
    ) -> None:
        path = start("es-stub", 0.01)
        as_bob.get(path)
        before = parsed(poll(as_bob, path).content.decode())
        Snapshot.objects.update(overdue_at=timezone.now())
        whole = poll(as_bob, path).content.decode()
        live_part._rendered.clear()
        live_part._answers.clear()
        shown = " ".join(before.pieces())
        first = poll(as_bob, path, **{"X-Pieces": shown})
        assert len(first.content) < len(whole) / 2
        together, made = put_in(before, parsed(first.content.decode())), parsed(whole)
        assert together.elements[0].children == made.elements[0].children
        assert f'"HX-PTag": "{poll(as_bob, path).headers["HX-PTag"]}"' in first.content.decode()

    @pytest.mark.parametrize("shown", ["", "no names", "a" * 5_000, "%00 %22%3E", "AAAAAAAA " * 200])
    def test_a_page_stating_nonsense_gets_everything(self, as_bob: Client, start: Start, shown: str) -> None:
        path = start("es-accepted")
        as_bob.get(path)
        assert poll(as_bob, path, **{"X-Pieces": shown}).content == poll(as_bob, path).content

    def test_an_api_error_is_shown_without_rendering_the_job_again(
        self, as_bob: Client, start: Start, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = start("es-stub", 0.01)
        as_bob.get(path)
        poll(as_bob, path)
        monkeypatch.setattr(job_page, "page", lambda *given, **named: pytest.fail("rendered again"))
        Snapshot.objects.update(
            trouble="stale", failures=3, failing_since=timezone.now(), next_at=timezone.now() + timedelta(minutes=1)
        )
        part = poll(as_bob, path).content
        assert b'id="trouble"' in part
        assert b"data-stale" in part

    @pytest.mark.parametrize(
        ("reason", "entry"),
        [
            ("http 401 unauthorized", "api-401"),
            ("http 404 not-found", "api-404-other-workspace"),
            ("http 409 conflict", "api-409"),
            ("http 422 validation", "api-422-validation"),
            ("blocked at the edge", "api-403-1010"),
            ("http 418", None),
            ("timeout", None),
        ],
    )
    def test_an_api_error_is_explained_with_and_without_a_copy(
        self, as_bob: Client, start: Start, reason: str, entry: str | None
    ) -> None:
        path = start("es-stub", 0.01)
        as_bob.get(path)
        poll(as_bob, path)
        failed = {"trouble": "stale", "reason": reason, "failures": 3, "failing_since": timezone.now()}
        Snapshot.objects.update(**failed, next_at=timezone.now() + timedelta(minutes=1))
        wanted = f'data-explanation="{entry}"' if entry else "data-explanation"
        assert (wanted in poll(as_bob, path).content.decode()) is bool(entry)
        Snapshot.objects.update(fetched_at=None, version="")
        assert (wanted in poll(as_bob, path).content.decode()) is bool(entry)

    def test_an_operators_explanation_of_an_error_takes_precedence(
        self, as_bob: Client, start: Start, tmp_path: Path, settings: Any
    ) -> None:
        own = {"id": "ours", "match": {"http": 409}, "owner": "api", "rerun": "useless", "title": "Ask Ana <b>"}
        (tmp_path / "own.json").write_text(json.dumps([own]))
        settings.EXTRA_EXPLANATIONS = str(tmp_path / "own.json")
        path = start("es-stub", 0.01)
        as_bob.get(path)
        poll(as_bob, path)
        Snapshot.objects.update(
            trouble="stale", reason="http 409", failures=3, next_at=timezone.now() + timedelta(minutes=1)
        )
        assert "Ask Ana &lt;b&gt;" in poll(as_bob, path).content.decode()

    def test_polling_an_unknown_job_does_not_wait(self, as_bob: Client, start: Start, simulator: Simulator) -> None:
        path = start("es-accepted")
        job_id = path.split("/")[-2]
        simulator.misbehave(job_id, "hang", 1)
        part = poll(as_bob, path).content
        assert b'data-outcome="unknown"' in part
        assert Snapshot.objects.get(job_id=UUID(job_id)).fetched_at is None
        simulator.misbehave(job_id, None)

    def test_each_language_has_its_own(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        as_bob.get(path)
        english, spanish = (poll(as_bob, path, **{"Accept-Language": language}) for language in ("en", "es"))
        assert english.headers["HX-PTag"] != spanish.headers["HX-PTag"]
        assert english.content != spanish.content

    def test_a_poll_after_signing_out_leads_to_login(self, as_bob: Client, start: Start) -> None:
        path = start("es-stub", 1.0)
        as_bob.get(path)
        as_bob.logout()
        answer = poll(as_bob, path)
        assert answer.headers["HX-Redirect"].startswith("/accounts/login/")
        assert answer.content == b""

    def test_history_restore_gets_the_whole_page(self, as_bob: Client, start: Start) -> None:
        path = start("es-accepted")
        answer = poll(as_bob, path, **{"HX-History-Restore-Request": "true"})
        assert answer.content.startswith(b"<!doctype html>")


def _again(person: Client) -> Client:
    again = Client()
    again.cookies = person.cookies
    return again
