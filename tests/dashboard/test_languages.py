"""Which languages the pages have follows from locale/ alone."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from dashboard.languages import languages


def add(folder: Path, name: str) -> None:
    catalogue = folder / name / "LC_MESSAGES" / "django.mo"
    catalogue.parent.mkdir(parents=True)
    catalogue.touch()


def test_english_is_there_without_any_catalogue(tmp_path: Path) -> None:
    assert languages(tmp_path) == [("en", "English")]


def test_a_compiled_catalogue_adds_its_language_under_its_own_name(tmp_path: Path) -> None:
    for name in ("pt_BR", "fr"):
        add(tmp_path, name)
    assert languages(tmp_path) == [("en", "English"), ("fr", "Français"), ("pt-br", "Português Brasileiro")]


def test_a_language_unknown_to_django_goes_by_its_code(tmp_path: Path) -> None:
    add(tmp_path, "tlh")
    assert languages(tmp_path)[1:] == [("tlh", "Tlh")]


def test_a_catalogue_that_is_not_compiled_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "fr" / "LC_MESSAGES").mkdir(parents=True)
    assert languages(tmp_path) == [("en", "English")]


def test_the_project_itself_speaks_english_and_spanish() -> None:
    assert settings.LANGUAGES == [("en", "English"), ("es", "Español")]


@pytest.mark.parametrize("address", ["/accounts/login/", "/help/"])
def test_whoever_reads_a_page_can_have_it_in_another_language(as_alice: Client, address: str) -> None:
    client = Client() if "login" in address else as_alice
    assert '<button type="submit" class="quiet" name="language" value="es" lang="es">Español' in page(client, address)
    answer = client.post("/language/", {"language": "es"}, headers={"Referer": f"http://testserver{address}"})
    assert answer.headers["Location"].endswith(address)
    assert answer.cookies["language"]["httponly"]
    told = page(client, address)
    assert '<html lang="es">' in told
    assert 'value="en" lang="en">English' in told


@pytest.mark.django_db
def test_choosing_a_language_leads_nowhere_else_and_takes_no_other(client: Client) -> None:
    answer = client.post("/language/", {"language": "tlh", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    assert "language" not in client.cookies


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()
