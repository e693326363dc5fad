"""Runs management commands."""

import io
import sys

import pytest
from django.core.management import call_command


def run(*words: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Lets it be read from standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))
