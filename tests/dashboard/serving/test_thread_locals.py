"""Each thread has its own language, time zone and URL prefix, and waits for no other thread."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.urls import base, get_script_prefix, set_script_prefix
from django.utils import timezone, translation
from django.utils.translation import trans_real

from dashboard.serving import thread_locals


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module, name in ((trans_real, "_active"), (timezone, "_active"), (base, "_prefixes"), (base, "_urlconfs")):
        monkeypatch.setattr(module, name, getattr(module, name))
    thread_locals.install()
    yield
    monkeypatch.undo()


def test_each_thread_has_its_own() -> None:
    together = threading.Barrier(2)

    def serve(language: str, prefix: str, zone: str) -> tuple[str, str, str]:
        translation.activate(language)
        set_script_prefix(prefix)
        timezone.activate(zone)
        together.wait(10)
        return translation.gettext("Sign in"), get_script_prefix(), timezone.get_current_timezone_name()

    with ThreadPoolExecutor(2) as threads:
        english = threads.submit(serve, "en", "/", "UTC")
        spanish = threads.submit(serve, "es", "/jobs/", "Europe/Madrid")
    assert english.result() == ("Sign in", "/", "UTC")
    assert spanish.result() == ("Iniciar sesión", "/jobs/", "Europe/Madrid")


def test_a_new_thread_starts_with_the_defaults() -> None:
    translation.activate("es")
    set_script_prefix("/jobs/")
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(translation.get_language).result() == "en"
        assert threads.submit(get_script_prefix).result() == "/"


def test_they_can_be_restored() -> None:
    with translation.override("es"):
        assert translation.get_language() == "es"
    translation.deactivate()
    assert translation.get_language() == "en"


def test_another_django_storing_them_elsewhere_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(base, "_prefixes")
    with pytest.raises(RuntimeError, match="_prefixes"):
        thread_locals.install()
