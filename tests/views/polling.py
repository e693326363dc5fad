"""Polls the live part of a job's page like a browser, and reads the marks of a page."""

from collections.abc import Callable
from concurrent.futures import wait
from typing import Any

from django.test import Client

from jobs.upstream import refresh
from tests.pages import read

Start = Callable[..., str]


def poll(person: Client, path: str, tag: str = "none", **headers: str) -> Any:
    return person.get(path, headers={"HX-Request": "true", "HX-PTag": tag} | headers)


def tag_of(person: Client, path: str) -> str:
    return str(poll(person, path).headers["HX-PTag"])


def settle() -> None:
    wait(list(refresh._under_way.values()), timeout=15)


def marks(content: bytes, name: str) -> list[str]:
    return [attributes[name] for _, attributes in read(content).elements if name in attributes]
