"""The envelope's page: any place of any envelope, in pieces, the same with links and htmx."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs import encryption
from jobs.models import LookUp, Snapshot, SnapshotBody, Team
from jobs.presenters import envelope as envelope_viewer
from jobs.simulator import Simulator, body_at, scenarios
from tests.conftest import Stage, give_token

EXAMPLES = sorted((Path(__file__).parents[2] / "../shared/envelopes").glob("*.json"))
MOST_ELEMENTS = 2_000
DOC = {
    "$schema": "https://gobl.org/draft-0/bill/invoice",
    "supplier": {"name": "Faro", "tax_id": {"code": "B98602642"}},
}
ENVELOPE = {"head": {"uuid": "x"}, "doc": DOC}
VOID = {"input", "meta", "link", "br", "img", "use", "path", "hr"}


class Reader(HTMLParser):
    """How many elements a page has, whether they close, and which rows of the tree it shows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements, self.open, self.rows, self.marked, self.text = 0, list[str](), list[str](), list[str](), ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "data-at" in given:
            self.rows.append(given["data-at"] or "")
        if given.get("id") == "here" and "data-at" in given:
            self.marked.append(given["data-at"] or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "elements that do not close in their order"

    def handle_data(self, data: str) -> None:
        self.text += data


Ask = Callable[..., HttpResponse]


@pytest.fixture
def ask(stage: Stage, as_bob: Client) -> Ask:
    """Asks for the viewer of an envelope, given as a value or as text; `htmx=True` as htmx does."""
    kept: dict[bytes, UUID] = {}

    def asking(envelope: Any, htmx: bool = False, **query: object) -> HttpResponse:
        text = envelope if isinstance(envelope, bytes) else json.dumps(envelope).encode()
        if text not in kept:
            kept[text] = stored(stage.acme, text)
        headers = {"HX-Request": "true"} if htmx else {}
        address = f"/teams/acme/jobs/{kept[text]}/envelope/"
        return as_bob.get(address, {name: str(value) for name, value in query.items()}, headers=headers)  # type: ignore[return-value]

    return asking


def stored(team: Team, envelope: bytes) -> UUID:
    """A finished job that holds the envelope, as if it had been fetched."""
    job_id, now = uuid4(), timezone.now()
    row = Snapshot.objects.create(
        team=team, job_id=job_id, version="1", outcome="completed", is_finished=True, fetched_at=now, checked_at=now,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
    body = b'{"id":"%s","completed_at":"2026-11-23T10:00:00Z","envelope":%s}' % (str(job_id).encode(), envelope)
    SnapshotBody.objects.create(snapshot=row, sealed=encryption.seal_bytes(body, row.place))
    return job_id


def read(response: HttpResponse, status: int = 200) -> Reader:
    assert response.status_code == status
    page = Reader(response.content.decode())
    assert page.open == []
    assert page.elements <= MOST_ELEMENTS
    return page


# The tree


def test_the_first_level_is_open_and_the_rest_is_folded(ask: Ask) -> None:
    page = read(ask(ENVELOPE))
    assert page.rows == ["/head", "/doc"]
    assert "2 fields" in page.text


def test_a_place_is_unfolded_and_marked(ask: Ask) -> None:
    page = read(ask(ENVELOPE, at="/doc/supplier/tax_id/code"))
    assert page.marked == ["/doc/supplier/tax_id/code"]
    assert [row for row in page.rows if row.startswith("/doc/supplier")] == [
        "/doc/supplier",
        "/doc/supplier/name",
        "/doc/supplier/tax_id",
        "/doc/supplier/tax_id/code",
    ]
    assert '"B98602642"' in page.text


def test_htmx_unfolds_the_same_as_the_page_of_the_place(ask: Ask) -> None:
    part = ask(ENVELOPE, htmx=True, at="/doc/supplier", inside="").content.decode()
    page = ask(ENVELOPE, at="/doc/supplier").content.decode()
    assert re.sub(r"\s+", " ", part).strip() in re.sub(r"\s+", " ", page)


def test_htmx_without_a_part_gets_the_embedded_viewer(ask: Ask) -> None:
    part, page = ask(ENVELOPE, htmx=True).content.decode(), ask(ENVELOPE).content.decode()
    assert "<html" not in part
    assert part.strip() in page


def test_opening_ten_thousand_elements_loads_one_piece_with_the_true_count(ask: Ask) -> None:
    many = {"a": [{"i": at, "x": {}} for at in range(10_000)]}
    page = read(ask(many))
    assert page.rows == ["/a"]
    assert "10,000 items" in page.text
    piece = read(ask(many, htmx=True, at="/a", inside=""))
    assert piece.rows == [f"/a/{at}" for at in range(100)]
    assert "100 of 10,000" in piece.text


def test_pieces_link_forwards_and_backwards(ask: Ask) -> None:
    many = {"a": list(range(1_000))}
    later = read(ask(many, htmx=True, at="/a", start=200, inside=""))
    assert later.rows == [f"/a/{at}" for at in range(200, 300)]
    assert "stand before" not in later.text
    earlier = read(ask(many, htmx=True, at="/a", before=450, inside=""))
    assert earlier.rows == [f"/a/{at}" for at in range(350, 450)]
    assert "More" not in earlier.text
    assert read(ask(many, htmx=True, at="/a", before=50, inside="")).rows == [f"/a/{at}" for at in range(50)]
    page = read(ask(many, at="/a", start=900))
    assert page.rows == ["/a", *(f"/a/{at}" for at in range(900, 1_000))]
    assert "900 of 1,000 come before this" in page.text


def test_a_place_far_down_a_list_is_shown_with_its_neighbours(ask: Ask) -> None:
    page = read(ask({"lines": [{"i": at} for at in range(10_000)]}, at="/lines/7000/i"))
    assert page.marked == ["/lines/7000/i"]
    assert {"/lines/6999", "/lines/7001"} & set(page.rows)


def test_a_long_text_is_paged(ask: Ask) -> None:
    long = {"a": "x" * 9_000}
    assert "All 9,000 characters" in read(ask(long)).text
    piece = read(ask(long, htmx=True, at="/a", inside=""))
    assert "4,000 of 9,000" in piece.text
    assert piece.text.count("x") == 4_000
    rest = read(ask(long, htmx=True, at="/a", start=8_000, inside=""))
    assert rest.text.strip() == "x" * 1_000 + '"'
    assert read(ask(long, at="/a", start=4_000)).marked == ["/a"]


def test_an_invalid_pointer_says_so_above_the_whole(ask: Ask) -> None:
    page = read(ask(ENVELOPE, at="/doc/<b>"))
    assert "/doc/<b> does not exist" in page.text
    assert page.rows == ["/head", "/doc"]
    assert ask(ENVELOPE, htmx=True, at="/nothing", inside="").status_code == 404
    assert ask(ENVELOPE, at="/nothing", value="").status_code == 404


def test_codes_are_explained_beside_their_raw_value(ask: Ask) -> None:
    text = read(ask({"doc": {"tax": {"ext": {"es-verifactu-doc-type": "F1"}}}}, at="/doc/tax/ext")).text
    assert 'es-verifactu-doc-type "F1"VERI*FACTU document type: Invoice' in " ".join(text.split())


# Whatever the envelope is


@pytest.mark.parametrize(
    ("envelope", "shown"),
    [
        (b'"only text"', '"only text"'),
        (b"NaN", "NaN"),
        (b"-0", "-0"),
        (b"1.50", "1.50"),
        (b"false", "false"),
        (b"[]", "Empty."),
        (b"{}", "Empty."),
        (b'{"n":12345678901234567890.10,"e":1E400,"i":-Infinity}', "12345678901234567890.10"),
        (b'{"a":"<script>alert(1)</script>"}', "<script>alert(1)</script>"),
        (b'{"a":"\\u202egnp.exe"}', "gnp.exe"),
        (b'{"__proto__":{"items":1},"items":[1]}', "__proto__"),
    ],
)
def test_values_are_shown_unchanged(ask: Ask, envelope: bytes, shown: str) -> None:
    response = ask(envelope)
    assert shown in read(response).text
    assert b"<script>alert" not in response.content


def test_a_job_without_an_envelope_says_so(ask: Ask) -> None:
    response = ask(b"null")
    assert "This job has no envelope" in read(response, 404).text


def test_a_duplicate_name_is_shown_twice_and_each_can_be_opened(ask: Ask) -> None:
    text = b'{"a":{"x":1},"a":{"x":2}}'
    page = read(ask(text))
    assert page.rows == ["/a", "/a~21"]
    assert page.text.count("twice") == 2
    assert read(ask(text, at="/a~21/x")).marked == ["/a~21/x"]
    assert ask(text, at="/a~21/x", value="").content == b"2"


def test_900_levels_can_be_walked_to_the_bottom(ask: Ask) -> None:
    text = b'{"a":' * 900 + b"1" + b"}" * 900
    for depth in (0, 1, 20, 24, 25, 31, 32, 500, 899, 900):
        page = read(ask(text, at="/a" * depth))
        assert ask(text, at="/a" * depth, value="").status_code == 200
        assert page.rows[-1:] == ["/a" * (depth + 1)] if depth < 900 else not page.rows
    assert b"hx-get" not in ask(text, htmx=True, at="/a" * 30, inside="").content, "the 31st level is a page of its own"


def test_names_too_long_for_an_address_are_cut_and_not_linked(ask: Ask) -> None:
    response = ask({"n" * 500_000: {"a": 1}, "short": 1})
    assert read(response).rows == ["/short"]
    assert len(response.content) < 50_000


@pytest.mark.parametrize("kind", ["large-1", "large-5", "large-10"])
def test_megabytes_are_shown_a_piece_at_a_time(ask: Ask, kind: str) -> None:
    story = next(scenario for scenario in scenarios() if scenario.key == kind)
    text = json.dumps(body_at(story, 3_600)["envelope"]).encode()
    assert len(text) > 900_000
    for query in ({}, {"at": "/doc/lines"}, {"at": "/doc/lines/1000/item/name"}, {"q": "zzz"}, {"line": "100"}):
        response = ask(text, **query)
        read(response)
        assert len(response.content) < 400_000
    assert json.loads(ask(text, at="/doc/lines/1000/i", value="").content) == 1_001


def test_the_digest_of_a_long_document_is_compared_on_request(ask: Ask, stage: Stage, as_bob: Client) -> None:
    story = next(scenario for scenario in scenarios() if scenario.key == "large-5")
    envelope = body_at(story, 3_600)["envelope"]
    job_id = stored(stage.acme, json.dumps(envelope).encode())
    asked = re.search(r'href="([^"]+\?digest)"', as_bob.get(f"/teams/acme/jobs/{job_id}/").content.decode())
    assert asked
    assert "matches its digest" in read(as_bob.get(asked[1])).text  # type: ignore[arg-type]
    envelope["doc"]["code"] = "another"
    assert "does not match its digest" in read(ask(envelope, digest="")).text
    assert "No digest to check against" in read(ask({"doc": {}}, digest="")).text
    other = {"head": {"dig": {"alg": "md5", "val": "x"}}, "doc": {}}
    assert "Its digest can’t be checked here" in read(ask(other, digest="")).text


# The value as it came


def test_the_value_has_the_exact_bytes(ask: Ask) -> None:
    text = b'{"doc": {"n": 1.500, "s" : "\\u00e9 <b>" , "o":{ "x":[ 1 ] }}}'
    for at, value in {"/doc/n": b"1.500", "/doc/s": b'"\\u00e9 <b>"', "/doc/o": b'{ "x":[ 1 ] }', "": text}.items():
        response = ask(text, at=at, value="")
        assert response.content == value
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_the_download_is_the_original_envelope(stage: Stage, as_bob: Client) -> None:
    text = b'{ "doc" : {"n": 1.500} }'
    response = as_bob.get(f"/teams/acme/jobs/{stored(stage.acme, text)}/envelope.json")
    assert response.content == text
    assert response["Content-Disposition"].startswith("attachment")


# Search


def test_a_search_shows_its_first_hit_and_links_to_the_next(ask: Ask) -> None:
    text = {"a": "Faro", "b": {"faro": 1}, "c": ["x", "del Faro"]}
    page = read(first := ask(text, q="faro"))
    assert page.marked == ["/a"]
    assert "1 of 3" in page.text
    assert b"hit=2#here" in first.content
    assert b"hit=3#here" in first.content, "before the first stands the last"
    assert read(ask(text, q="faro", hit=2)).marked == ["/b/faro"]
    last = ask(text, q="faro", hit=3)
    assert read(last).marked == ["/c/1"]
    assert b'aria-current="true"' in last.content
    assert read(ask(text, q="faro", hit=99)).marked == ["/c/1"]


def test_a_search_without_a_hit_says_so(ask: Ask) -> None:
    page = read(ask(ENVELOPE, q="nowhere <b>"))
    assert "No matches." in page.text
    assert page.rows == ["/head", "/doc"]


def test_a_search_with_very_many_hits_is_cut_and_says_so(ask: Ask) -> None:
    page = read(ask({"a": [{"name": "Faro", "x": {}} for _ in range(9_000)]}, q="faro"))
    assert "There may be more than these" in page.text
    assert "1 of 100" in page.text


def test_a_named_place_is_shown_even_during_a_search(ask: Ask) -> None:
    assert read(ask(ENVELOPE, q="faro", at="/head")).marked == ["/head"]


# As text


def test_the_text_is_paged_by_lines(ask: Ask) -> None:
    many = {"a": list(range(1_000))}
    assert "<pre" not in ask(many).content.decode(), "only when somebody opens it"
    piece = read(ask(many, htmx=True, line=0))
    assert "200 of 1,004 lines" in piece.text
    page = read(ask(many, at="/a", line=400))
    assert "399," in page.text
    assert "600 of 1,002 lines" in page.text


# Compared with another job's


def compared(client: Client, team: Team, one: object, other: object) -> HttpResponse:
    job_ids = [stored(team, json.dumps(each).encode()) for each in (one, other)]
    return client.get(f"/teams/acme/jobs/{job_ids[0]}/envelope/compare/?with={job_ids[1]}")  # type: ignore[return-value]


def test_changes_are_listed_by_pointer_with_both_values(stage: Stage, as_bob: Client) -> None:
    one = {"doc": {"code": "1", "gone": [1], "same": 1}}
    page = read(compared(as_bob, stage.acme, {"doc": {"code": 1, "same": 1, "new": "x" * 900}}, one))
    text = " ".join(page.text.split())
    assert "3 changes" in text
    assert 'Changed /doc/code Earlier job: "1" Later job: 1' in text
    assert "Removed /doc/gone Earlier job: [1]" in text
    assert "Added /doc/new" in text
    assert "900 characters in all" in text


def test_equal_envelopes_are_reported_as_equal(stage: Stage, as_bob: Client) -> None:
    assert "are equivalent" in read(compared(as_bob, stage.acme, {"a": 1, "b": 2}, {"b": 2, "a": 1})).text


def test_very_different_envelopes_are_cut_with_a_count(stage: Stage, as_bob: Client) -> None:
    response = compared(as_bob, stage.acme, {"a": list(range(5_000))}, {"a": ["x"] * 5_000})
    page = read(response)
    assert "5,000 changes" in page.text
    assert "the first 100 are shown" in page.text


def test_the_earlier_job_is_first_whichever_is_requested(stage: Stage, as_bob: Client, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    later, earlier = simulator.demo_jobs()[5][1], simulator.demo_jobs()[18][1]
    pages = [
        read(as_bob.get(f"/teams/acme/jobs/{this}/envelope/compare/?with={other}"))  # type: ignore[arg-type]
        for this, other in ((later, earlier), (earlier, later))
    ]
    changes = [re.sub(" · this job", "", " ".join(page.text.split())).partition("Earlier job")[2] for page in pages]
    assert changes[0] == changes[1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("no id at all", "There is no job id in this text"),
        ("{this}", "This is the same job"),
        ("https://jobs.example/teams/acme/jobs/{this}/", "This is the same job"),
        ("01a10b57-bee2-7cd4-9c8f-c9b91500a999", "has no such job"),
        ("{empty}", "The other job has no envelope"),
    ],
)
def test_an_impossible_comparison_is_explained_beside_the_box(
    stage: Stage, as_bob: Client, simulator: Simulator, typed: str, said: str
) -> None:
    give_token(stage.acme, simulator)
    this, empty = stored(stage.acme, b"{}"), stored(stage.acme, b"null")
    given = typed.format(this=this, empty=empty)
    response = as_bob.get(f"/teams/acme/jobs/{this}/envelope/compare/", {"with": given})
    assert said in read(response).text  # type: ignore[arg-type]
    assert given in response.content.decode()
    assert 'aria-describedby="compare-problem" autofocus' in response.content.decode()  # and not the top of the page


def test_another_teams_job_cannot_be_compared(stage: Stage, as_bob: Client, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    this, foreign = stored(stage.acme, b"{}"), stored(stage.elsewhere, b'{"secret": 1}')
    response = as_bob.get(f"/teams/acme/jobs/{this}/envelope/compare/?with={foreign}")
    assert "has no such job" in read(response).text  # type: ignore[arg-type]
    assert b"secret" not in response.content


def test_both_jobs_count_as_looked_up(stage: Stage, as_bob: Client) -> None:
    compared(as_bob, stage.acme, {"a": 1}, {"a": 2})
    assert LookUp.objects.filter(user=stage.bob).count() == 2


# From a fault to its place


@pytest.mark.parametrize("path", ["$.doc.supplier.tax_id.code", "$.supplier.tax_id.code", "supplier.tax_id.code"])
def test_a_fault_path_leads_to_the_marked_place_from_either_root(stage: Stage, as_bob: Client, path: str) -> None:
    address, fragment = place_of_fault(stage.acme, as_bob, path)
    assert fragment == "here"
    assert read(as_bob.get(address)).marked == ["/doc/supplier/tax_id/code"]  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["$.doc.supplier.tax_id.country", "supplier.tax_id.country", "$.supplier.tax_id.x.y"])
def test_a_path_to_something_absent_leads_to_its_ancestor(stage: Stage, as_bob: Client, path: str) -> None:
    address, _ = place_of_fault(stage.acme, as_bob, path)
    assert read(as_bob.get(address)).marked == ["/doc/supplier/tax_id"]  # type: ignore[arg-type]


def place_of_fault(team: Team, client: Client, path: str) -> tuple[str, str]:
    """Address and fragment of the link that a job's page makes of a fault's path."""
    job_id = stored(team, b"{}")
    row = Snapshot.objects.get(job_id=job_id)
    fault = {"provider": "gobl", "code": "invalid", "message": "no", "paths": [path]}
    body = {"id": str(job_id), "completed_at": "2026-11-23T10:00:00Z", "envelope": ENVELOPE, "faults": [fault]}
    sealed = encryption.seal_bytes(json.dumps(body).encode(), row.place)
    SnapshotBody.objects.filter(snapshot=row).update(sealed=sealed)
    job = client.get(f"/teams/acme/jobs/{job_id}/").content.decode()
    link = re.search(r'class="place-link"\s+href="([^"]+)"', job)
    assert link
    address, _, fragment = link[1].partition("#")
    return address, fragment


# Real documents


@pytest.mark.skipif(not EXAMPLES, reason="the examples are not here")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_has_a_card_and_can_be_opened_everywhere(path: Path, stage: Stage, as_bob: Client) -> None:
    text = path.read_bytes()
    job_id = stored(stage.acme, text)
    job = as_bob.get(f"/teams/acme/jobs/{job_id}/")
    assert 'id="document"' in job.content.decode()
    assert "matches its digest" in read(job).text  # type: ignore[arg-type]
    read(as_bob.get(f"/teams/acme/jobs/{job_id}/envelope/"))  # type: ignore[arg-type]
    pending = [envelope_viewer.page(text, envelope_viewer.Asked()).tree]
    while pending:
        level = pending.pop()
        for child in level.children:
            html = render_to_string(
                "jobs/envelope/_viewer.html",
                {
                    "team": stage.acme,
                    "job_id": job_id,
                    "page": envelope_viewer.page(text, envelope_viewer.Asked(at=child.pointer)),
                },
            )
            assert Reader(html).marked == [child.pointer]
            if child.is_container and (opened := envelope_viewer.node(text, child.pointer)):
                pending.append(opened)


# Properties

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(values)
def test_every_place_of_any_value_unfolds_in_place(value: object) -> None:
    text = json.dumps(value).encode()
    pending = [envelope_viewer.page(text, envelope_viewer.Asked()).tree]
    while pending:
        for child in pending.pop().children:
            page = envelope_viewer.page(text, envelope_viewer.Asked(at=child.pointer))
            assert page.place == child.pointer
            assert not page.missing
            assert _at(page.tree, child.pointer) == envelope_viewer.node(text, child.pointer)
            pending.append(envelope_viewer.node(text, child.pointer) or child)


def _at(tree: envelope_viewer.Node, pointer: str) -> envelope_viewer.Node | None:
    if tree.pointer == pointer:
        return tree
    return next((found for child in tree.children if (found := _at(child, pointer)) and found.pointer == pointer), None)


fragments = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"a"', b'"<b>\\""', b":", b",", b"1.50", b"NaN", b"null", b" ", b'"', b"\\", b"\xff"]
)


@settings(deadline=None)
@given(values.map(lambda value: json.dumps(value).encode()) | st.lists(fragments, max_size=20).map(b"".join), st.text())
def test_any_text_is_rendered_and_searched_with_balanced_elements(text: bytes, typed: str) -> None:
    for asked in (
        envelope_viewer.Asked(),
        envelope_viewer.Asked(at=typed),
        envelope_viewer.Asked(typed=typed or "1"),
        envelope_viewer.Asked(at="/0", start=7),
    ):
        context = {"team": Team(slug="acme"), "job_id": uuid4(), "page": envelope_viewer.page(text, asked)}
        page = Reader(render_to_string("jobs/envelope/_viewer.html", context | {"piece": envelope_viewer.pretty(text)}))
        assert page.open == []
        assert page.elements < MOST_ELEMENTS
