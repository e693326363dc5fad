"""Confirmation of irreversible actions: a button leads to a page that states the consequence and has the final button.

It is a plain form, so it works without JavaScript.
"""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from jobs.http import Request
from jobs.models import Team

CONFIRMED = "confirmed"  # the field of the second form


@dataclass(frozen=True, slots=True)
class Question:
    """`fields` is the first form's data, sent again by the second."""

    title: str
    consequence: str
    button: str
    fields: dict[str, str]
    about: str = ""  # the person or thing it is about, in its original spelling
    back: str = "jobs:settings"  # the page of a team to return to


def is_confirmed(request: Request) -> bool:
    return request.POST.get(CONFIRMED) == "yes"


def ask(request: Request, team: Team, question: Question) -> HttpResponse:
    return render(request, "teams/confirm.html", {"team": team, "question": question})
