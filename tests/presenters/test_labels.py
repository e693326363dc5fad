"""Kinds of files have a label in the language of the page."""

import pytest
from django.utils import translation

from jobs.invopop import file_links
from jobs.invopop.job_payload import Attachment
from jobs.presenters import labels


@pytest.mark.parametrize(
    ("mime", "english", "spanish"),
    [("application/pdf", "PDF", "PDF"), ("text/html", "Web page", "Página web"), ("x", "File", "Archivo")],
)
def test_file_kinds_are_named_in_the_page_language(mime: str, english: str, spanish: str) -> None:
    kind = file_links.kind(Attachment(mime=mime))
    assert str(labels.KINDS[kind]) == english
    with translation.override("es"):
        assert str(labels.KINDS[kind]) == spanish


def test_every_kind_of_file_has_a_label() -> None:
    assert {kind for kind, _ in file_links._TYPES.values()} | {"file"} == labels.KINDS.keys()
