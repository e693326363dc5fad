"""A downloaded file keeps its name, made harmless."""

import time
import unicodedata

import pytest
from django.utils.http import content_disposition_header
from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.file_names import distinct, download_name, harmless
from jobs.invopop.job_payload import Attachment

JOB = "01920a3c-4a07-7f10-8d3b-6a5c4b3d2e1f"
PDF, XML = "application/pdf", "application/xml"


@pytest.mark.parametrize(
    ("name", "mime", "expected"),
    [
        ("FS-26-001208.pdf", PDF, "FS-26-001208.pdf"),
        ("FS-26-001208.PDF", PDF, "FS-26-001208.pdf"),
        ("Factura nº 7 (Ñandú).pdf", PDF, "Factura nº 7 (Ñandú).pdf"),
        ("FS-26-001208", PDF, "FS-26-001208.pdf"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\Windows\\run.pdf", PDF, "run.pdf"),
        ("invoice.pdf.exe", PDF, "invoice.pdf.exe.pdf"),
        ("invoice.exe", "", "invoice.exe.bin"),
        ("page.html", "text/html", "page.html.txt"),
        ("x.svg", "image/svg+xml", "x.svg.txt"),
        ("CON.pdf", PDF, "_CON.pdf"),
        ("nul", PDF, "_nul.pdf"),
        (".htaccess", XML, "htaccess.xml"),
        ("fdp.\u202eexe.xml", XML, "fdp.exe.xml"),
        ("a\nb\t;c.pdf", PDF, "a-b--c.pdf"),
    ],
)
def test_unsafe_parts_of_a_name_are_removed(name: str, mime: str, expected: str) -> None:
    assert download_name(JOB, Attachment(id="f", name=name, mime=mime)) == expected


@pytest.mark.parametrize("name", ["", "...", "///", "\u200b", " . "])
def test_a_missing_name_is_made_from_ids(name: str) -> None:
    assert download_name(JOB, Attachment(id="f/1", key="pdf", name=name, mime=PDF)) == f"{JOB}-pdf-f-1.pdf"


@given(st.text(), st.text(max_size=300), st.sampled_from(["", PDF, XML, "text/html"]))
def test_a_name_is_always_a_single_path_component(file: str, name: str, mime: str) -> None:
    made = download_name(JOB, Attachment(id=file, name=name, mime=mime))
    assert not set(made) & set('/\\<>:"|?*;%$`')
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in made)
    assert ".." not in made
    assert not made.startswith((".", "-", " "))
    assert made.endswith((".bin", ".pdf", ".xml", ".txt")) or made.rpartition(".")[2] in KNOWN
    assert len(made) <= 120
    header = content_disposition_header(True, made)
    assert header
    assert header.isascii()
    assert "\n" not in header


KNOWN = {"json", "csv", "p7m", "zip", "png", "jpg", "xlsx"}


@given(st.text())
def test_safe_names_are_unchanged(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


def test_a_duplicate_name_gets_a_suffix() -> None:
    assert distinct(["a.pdf", "A.pdf", "a.pdf", "b.xml"]) == ["a.pdf", "A (2).pdf", "a (3).pdf", "b.xml"]


def test_thousands_of_equal_names_take_linear_time() -> None:
    began = time.process_time()
    found = distinct(["a.pdf"] * 20_000)
    assert time.process_time() - began < 1
    assert len(set(found)) == 20_000
    assert distinct(["a (2).pdf", "a.pdf", "a.pdf", "a.pdf"]) == ["a (2).pdf", "a.pdf", "a (3).pdf", "a (4).pdf"]
