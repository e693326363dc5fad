"""Reads variables from a file: `.env`, or the one named by ENV_FILE. The environment takes precedence."""

import os
from typing import ClassVar

import environ

from dashboard import paths
from dashboard.environment import refusal


def load() -> None:
    """Adds the file's variables to the environment. Raises Refused if ENV_FILE names an unreadable file."""
    named = os.environ.get("ENV_FILE")
    path = paths.HOME / (".env" if named is None else named.strip())
    if named is not None and not named.strip():
        return
    if named is None and not path.exists():
        return
    if not os.access(path, os.R_OK) or not path.is_file():
        raise refusal("ENV_FILE", "the path of a readable file, or nothing")
    for name, value in _read(path).items():
        if not {name, f"{name}_FILE", name.removesuffix("_FILE")} & os.environ.keys():
            os.environ[name] = value


def _read(path: "os.PathLike[str]") -> dict[str, str]:
    class Apart(environ.Env):  # type: ignore[misc]
        ENVIRON: ClassVar[dict[str, str]] = {}

    Apart.read_env(path)
    return Apart.ENVIRON
