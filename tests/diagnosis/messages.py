"""Messages in the wording of authorities and gateways, with their explanation and what they prove."""

import json
from pathlib import Path
from typing import Any

from jobs.diagnosis.explanations import built_in

# The wording is invented after public lists. `document` is what the message is evidence of; null where the step sends
# no document to an authority or a network.
MESSAGES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "samples" / "messages.json").read_text())


def found(provider: str, code: str, message: str, status: str = "KO") -> str | None:
    entry = built_in().find(provider, code, message, status)
    return entry.id if entry else None


def name(said: dict[str, Any]) -> str:
    return f"{said['provider']} {said['code']} {said['message'][:30]}"
