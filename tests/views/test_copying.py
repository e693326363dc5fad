"""Texts to copy are previewed: as a page without JavaScript, as a part for the dialog."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token
from tests.pages import assert_inert, read

Start = Callable[..., str]


@pytest.fixture
def path(stage: Stage, simulator: Simulator) -> str:
    give_token(stage.acme, simulator)
    return f"/teams/acme/jobs/{simulator.start_job('es-no-tax-id', speed=1e8)}/"


def text_of(content: bytes) -> str:
    return unescape(content.decode().split('id="copying-text"')[1].split(">", 1)[1].split("</textarea>")[0]).strip()


def test_the_page_shows_the_ticket_text(as_bob: Client, path: str) -> None:
    page = as_bob.get(path + "copy/")
    assert page.status_code == 200
    assert_inert(page.content)
    text = text_of(page.content)
    assert text.startswith("Completed with 1 fault – Not sent")
    assert "Ferrándiz" not in text
    assert path in text
    assert "no-store" in page.headers["Cache-Control"]


def test_choices_are_in_the_address(as_bob: Client, path: str) -> None:
    text = text_of(as_bob.get(path + "copy/?for=ticket&identity=on&as=markdown").content)
    assert text.startswith("**Completed with 1 fault")
    assert "Lucía Ferrándiz Gil" in text


def test_support_and_customer_have_their_own_texts(as_bob: Client, path: str) -> None:
    support = text_of(as_bob.get(path + "copy/?for=support").content)
    assert "Provider: verifactu.generate" in support
    letter = as_bob.get(path + "copy/?for=customer")
    assert text_of(letter.content).startswith("Todavía no hemos podido emitir su factura FS-26-")
    areas = [given for name, given in read(letter.content).elements if name == "textarea"]
    assert areas[0]["lang"] == "es"
    assert text_of(as_bob.get(path + "copy/?for=customer&language=de").content).startswith("Wir konnten Ihre Rechnung")


def test_the_dialog_gets_a_fragment(as_bob: Client, path: str) -> None:
    part = as_bob.get(path + "copy/?for=support", headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="copying-body">')


@pytest.mark.parametrize("query", ["?for=", "?for=everybody", "?language=%00", "?as=pdf&identity=maybe"])
def test_unknown_kinds_get_the_ticket(as_bob: Client, path: str, query: str) -> None:
    assert text_of(as_bob.get(path + "copy/" + query).content).startswith("Completed with 1 fault")


def test_a_missing_job_has_nothing_to_copy(as_bob: Client, stage: Stage, simulator: Any) -> None:
    give_token(stage.acme, simulator)
    assert as_bob.get("/teams/acme/jobs/01890c5e-7c1a-7d3e-9a44-000000000000/copy/").status_code == 404


def test_the_job_page_links_to_it(as_bob: Client, path: str) -> None:
    page = as_bob.get(path).content.decode()
    assert f'href="{path}copy/"' in page
    assert '<dialog id="copying"' in page


def test_the_curl_line_names_the_request_and_not_the_key(as_bob: Client, path: str) -> None:
    page = as_bob.get(path).content.decode()
    assert "$INVOPOP_TOKEN" in page
    assert f"/transform/v1/jobs/{path.split('/')[-2]}" in page


def test_notes_are_an_option_if_there_are_any(as_bob: Client, path: str) -> None:
    assert "copying-notes" not in as_bob.get(path + "copy/?notes=on").content.decode()
    as_bob.get(path)
    as_bob.post(path + "case/note/", {"text": "Called them"})
    without = as_bob.get(path + "copy/").content
    assert "copying-notes" in without.decode()
    assert "Called them" not in text_of(without)
    for query in ("?notes=on", "?notes=on&as=markdown"):
        assert "Called them" in text_of(as_bob.get(path + "copy/" + query).content)
    assert "Called them" not in as_bob.get(path + "copy/?for=support&notes=on").content.decode()
