"""Runs management commands."""

import io
import sys

import pytest
from django.core.management import call_command


def run(*words: str) -> str:
    """Runs a command; returns its output."""
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Passes a text on standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))
