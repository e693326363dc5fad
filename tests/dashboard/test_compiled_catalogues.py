"""The languages of the pages depend only on locale/."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from dashboard.compiled_catalogues import languages_in


def add(folder: Path, name: str) -> None:
    catalogue = folder / name / "LC_MESSAGES" / "django.mo"
    catalogue.parent.mkdir(parents=True)
    catalogue.touch()


def test_english_is_available_without_a_catalogue(tmp_path: Path) -> None:
    assert languages_in(tmp_path) == [("en", "English")]


def test_a_compiled_catalogue_adds_its_language(tmp_path: Path) -> None:
    for name in ("pt_BR", "fr"):
        add(tmp_path, name)
    assert languages_in(tmp_path) == [("en", "English"), ("fr", "Français"), ("pt-br", "Português Brasileiro")]


def test_a_language_unknown_to_django_is_shown_by_its_code(tmp_path: Path) -> None:
    add(tmp_path, "tlh")
    assert languages_in(tmp_path)[1:] == [("tlh", "Tlh")]


def test_an_uncompiled_catalogue_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "fr" / "LC_MESSAGES").mkdir(parents=True)
    assert languages_in(tmp_path) == [("en", "English")]


def test_the_project_offers_english_and_spanish() -> None:
    assert settings.LANGUAGES == [("en", "English"), ("es", "Español")]


@pytest.mark.parametrize("address", ["/accounts/login/", "/help/"])
def test_a_reader_can_switch_language(as_alice: Client, address: str) -> None:
    client = Client() if "login" in address else as_alice
    assert '<button type="submit" class="quiet" name="language" value="es" lang="es">Español' in page(client, address)
    answer = client.post("/language/", {"language": "es"}, headers={"Referer": f"http://testserver{address}"})
    assert answer.headers["Location"].endswith(address)
    assert answer.cookies["language"]["httponly"]
    told = page(client, address)
    assert '<html lang="es">' in told
    assert 'value="en" lang="en">English' in told


@pytest.mark.django_db
def test_switching_language_accepts_no_foreign_redirect_or_unknown_language(client: Client) -> None:
    answer = client.post("/language/", {"language": "tlh", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
    assert "language" not in client.cookies


def page(client: Client, address: str) -> str:
    return client.get(address).content.decode()
