"""Pasted text in any form: ids, URLs, log lines, payloads, keys."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.lookup.pasted import Kind, Reference, read, written
from tests.cpu_limits import processor_time

JOB = "7a9c1d40-55e2-11ee-8c99-0242ac120002"
ENTRY = "01920a3c-4a07-7f10-8d3b-6a5c4b3d2e1f"
FILE = "01920a3c-7001-7b01-9c10-1a2b3c4d5e6f"
WORKFLOW = "2b0e6a10-4d6a-11ee-be56-0242ac120002"
FILE_LINK = "https://silo.invopop.com/AZIKPEoHfxCNO2pcSz0uHw/AZIKPHABewGcEBorPE1ebw/F-1.pdf?h=0011223344556677"


@pytest.mark.parametrize(
    "pasted",
    [
        JOB,
        JOB.upper(),
        f"  {JOB}\n",
        f"{{{JOB}}}",
        f"urn:uuid:{JOB}",
        f'"{JOB}"',
        f"`{JOB}`",
        f"<{JOB}>.",
        JOB.replace("-", ""),
        JOB.replace("-", "\u2011"),
        f"\u200b{JOB}\ufeff",
        f"job-{JOB}",
        f"https://dash.example/jobs/{JOB}/",
        f"https://api.invopop.com/transform/v1/jobs/{JOB}",
        f"Job {JOB} failed!",
        f"<https://chat.example/x|Job> {JOB} failed",
        f"2026-10-02T09:00:00Z ERROR worker={ENTRY[:8]} silo_entry_id={ENTRY} job_id={JOB} gone",
        f"job id {JOB}, entry id {ENTRY}",
        f'{{"id":"{FILE}","event":"done","transform_job_id":"{JOB}","silo_entry_id":"{ENTRY}","key":"a"}}',
        f'"id": "{FILE}",\n  "transform_job_id": "{JOB}",\n  "silo_ent',
        f'{{"id":"{JOB}","workflow_id":"{WORKFLOW}","silo_entry_id":"{ENTRY}","intents":[]}}',
        f"workflow {WORKFLOW} ended: {JOB}",
    ],
)
def test_a_single_job_is_recognised(pasted: str) -> None:
    assert [(found.kind, found.value) for found in read(pasted)] == [(Kind.JOB, JOB)]


def test_our_permalink_gives_team_and_fragment() -> None:
    found = read(f"see https://dash.example/teams/north-1/jobs/{JOB.upper()}/#event-{ENTRY}-3 please")
    assert found == [Reference(Kind.JOB, JOB, slug="north-1", fragment=f"event-{ENTRY}-3", source="permalink")]


def test_a_bare_path_is_a_permalink_too() -> None:
    assert read(f"/teams/north-1/jobs/{JOB}/envelope/?at=/doc")[0].slug == "north-1"


def test_a_console_address_gives_entry_workspace_and_folder() -> None:
    found = read(f"https://console.invopop.com/harbour/silo/invoices/{ENTRY}")
    assert found == [Reference(Kind.ENTRY, ENTRY, workspace="harbour", folder="invoices", source="console")]


def test_a_file_link_gives_its_entry_and_file() -> None:
    assert read(FILE_LINK) == [Reference(Kind.ENTRY, ENTRY, file=FILE, source="file")]


def test_an_address_that_only_looks_like_the_silo_is_not_decoded() -> None:
    assert read(FILE_LINK.replace("silo.invopop.com", "silo.invopop.com.example")) == []


def test_several_ids_are_listed_once_jobs_first() -> None:
    found = read(f"{FILE_LINK} {JOB}, {WORKFLOW}\n{JOB.upper()}")
    assert [(reference.kind, reference.value) for reference in found] == [
        (Kind.JOB, JOB),
        (Kind.JOB, WORKFLOW),
        (Kind.ENTRY, ENTRY),
    ]


def test_an_id_labelled_as_entry_is_an_entry() -> None:
    assert read(f"entry {ENTRY}")[0].kind is Kind.ENTRY
    assert read(f'{{"id":"x","silo_entry_id":"{ENTRY}"}}') == [Reference(Kind.ENTRY, ENTRY, source="payload")]


@pytest.mark.parametrize("key", ["F-2026-0107", "order/2025 00017", "Ñandú #4 – north", "12345", "/a/b"])
def test_text_without_an_id_is_a_key(key: str) -> None:
    assert read(f" {key} ") == [Reference(Kind.KEY, key)]


def test_a_key_in_an_api_address_is_unquoted() -> None:
    assert read("https://api.invopop.com/transform/v1/jobs/key/a%2Fb%20c")[0] == Reference(
        Kind.KEY, "a/b c", source="api"
    )


@pytest.mark.parametrize(
    "nothing", ["", "   ", "\0", f"{JOB}\0", "https://example.com/x", "x" * 5_000, "two\nlines", "\u200b"]
)
def test_empty_input_gives_nothing(nothing: str) -> None:
    assert read(nothing) == []


@pytest.mark.parametrize("digits", ["٠", "۴", "𝟎"])
def test_digits_of_other_scripts_make_no_id(digits: str) -> None:
    assert all(found.kind is Kind.KEY for found in read(JOB.replace("0", digits)))


def test_part_of_a_longer_hex_run_is_no_id() -> None:
    assert read(f"{JOB}a")[0].kind is Kind.KEY
    assert read(f"0123-{JOB}")[0].kind is Kind.KEY


@pytest.mark.parametrize(
    "unit", ["0", "-", "https://", "{", '{"a":', f"{JOB} ", "a_", "\\\"'", "[", "%00", "<http://["]
)
def test_fifty_kilobytes_are_read_in_linear_time(unit: str) -> None:
    with processor_time(1):
        assert len(read(unit * (50_000 // len(unit)))) <= 50


@given(st.text() | st.from_regex(r"https?://[a-z\[\]:@]{0,9}/[0-9a-f-]{30,40}"))
def test_any_text_is_read(pasted: str) -> None:
    for found in read(pasted):
        assert found.kind is Kind.KEY or str(UUID(found.value)) == found.value


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        (f"Job {JOB} of Ana failed!", JOB),
        (FILE_LINK, f"entry {ENTRY}"),
        (f"{FILE_LINK} {JOB} {WORKFLOW}", f"{JOB} {WORKFLOW} entry {ENTRY}"),
        (
            f"https://dash.example/teams/north-1/jobs/{JOB}/#event-{ENTRY}-3",
            f"/teams/north-1/jobs/{JOB}/#event-{ENTRY}-3",
        ),
        (f"https://dash.example/jobs/{JOB}/#intent-{ENTRY} {WORKFLOW}", f"/jobs/{JOB}/#intent-{ENTRY} {WORKFLOW}"),
        ("https://api.invopop.com/transform/v1/jobs/key/a%2Fb%20c", "/transform/v1/jobs/key/a%2Fb%20c"),
        ("order/2025 00017", "order/2025 00017"),
        ("two\nlines", ""),
    ],
)
def test_the_canonical_text_is_parsed_the_same_again(pasted: str, expected: str) -> None:
    assert written(read(pasted)) == expected
    of_both = [
        [(each.kind, each.value, each.slug, each.fragment) for each in read(text)] for text in (pasted, expected)
    ]
    assert of_both[0] == of_both[1]


# What an id tells
