"""The simulator's responses: the API's routes, its API keys and errors. No sockets here.

# Bodies of errors: [3P] 401, [D] 422; the one of 404 is not published.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from uuid import UUID

from jobs.simulator import ids, story
from jobs.simulator.envelopes import document
from jobs.simulator.files import pieces, sha256
from jobs.simulator.http_server import Answer, Request, answer_json
from jobs.simulator.offsets import elapsed, instant, iso
from jobs.simulator.story import Run
from jobs.simulator.story_files import load
from jobs.simulator.tokens import token, workspace_id
from jobs.simulator.workflows import long_form, short_form, workflows
from jobs.simulator.world import World

if TYPE_CHECKING:
    from jobs.simulator.server import Simulator

SMALLEST, USUAL, LARGEST = 10, 20, 100  # jobs per page  # [D]

SEARCHED = 200  # jobs
MISSING = answer_json(401, {"message": "missing authorization token"})
UNKNOWN = answer_json(401, {"message": "invalid authorization token"})
FORBIDDEN = answer_json(403, {"message": "insufficient permissions"})
BLOCKED = Answer(403, b"error code: 1010", "text/plain; charset=UTF-8")  # [D] the edge, not the API
NOT_FOUND = answer_json(404, {"key": "not-found", "message": "not found"})
ONLY_GET = answer_json(405, {"message": "method not allowed"}, Allow="GET")


def answer(simulator: "Simulator", request: Request) -> Answer:
    if request.path.startswith("/_simulator"):
        return _own(simulator, request)
    if request.headers.get("user-agent", "").startswith("Python-urllib"):
        return BLOCKED
    if request.method not in {"GET", "HEAD"}:
        return ONLY_GET
    parts = [unquote(part) for part in request.path.strip("/").split("/")]
    if request.path == "/utils/v1/ping":
        return answer_json(200, {"ping": "pong"})
    if parts[0] not in {"transform", "access", "silo", "utils"}:
        return _file(simulator.world, parts, request.query)
    workspace = simulator.workspace_of(request)
    return _refused(simulator, request) if workspace is None else _api(simulator.world, workspace, parts, request)


def _refused(simulator: "Simulator", request: Request) -> Answer:
    shown = request.headers.get("authorization", "")
    if not shown.startswith("Bearer ") or not shown[7:].strip():
        return MISSING
    return FORBIDDEN if shown[7:] == simulator.powerless_token else UNKNOWN


def _api(world: World, workspace: str, parts: list[str], request: Request) -> Answer:
    match parts:
        case ["transform", "v1", "jobs", "key", *key]:
            return _job(world, world.job_by_key("/".join(key), workspace))
        case ["transform", "v1", "jobs", own]:
            return _job(world, world.job(found, workspace) if (found := _uuid(own)) else None)
        case ["transform", "v1", "jobs"]:
            return _jobs(world, workspace, request.query)
        case ["transform", "v1", "workflows", *own]:
            return _workflows(workspace, own)
        case ["access", "v1", "workspace"]:
            return _workspace(workspace)
        case ["silo", "v1", "search"]:
            return _searched(world, workspace, request.query.get("q", ""))
        case ["silo", "v1", "entries", own, *rest]:
            return _entry(world, workspace, _uuid(own), rest)
    return NOT_FOUND


def _job(world: World, run: Run | None) -> Answer:
    return NOT_FOUND if run is None else Answer(200, world.body(run))


def _jobs(world: World, workspace: str, query: Mapping[str, str]) -> Answer:
    try:
        limit = _limit(query.get("limit", ""))
        begin = _begin(query)
    except ValueError as error:
        return answer_json(422, {"key": "validation", "message": str(error)})
    found = [run for run in world.jobs(workspace) if begin is None or (run.started, run.id.int) <= begin]
    page, more = found[:limit], found[limit : limit + 1]
    fields: dict[str, Any] = {"list": [world.item(run) for run in page], "limit": limit}
    fields |= {name: query[name] for name in ("created_at", "cursor") if query.get(name)}
    return answer_json(200, fields | ({"next_cursor": _cursor(more[0])} if more else {}))


def _limit(text: str) -> int:
    """Raises ValueError with the API's message.  # [D] under ten is refused"""
    if not text:
        return USUAL
    if not text.isascii() or not text.isdigit():
        raise ValueError("Limit: must be a number")
    if not SMALLEST <= (limit := int(text[:6])) <= LARGEST:
        raise ValueError(
            f"Limit: must be no {f'less than {SMALLEST}' if limit < SMALLEST else f'greater than {LARGEST}'}"
        )
    return limit


def _begin(query: Mapping[str, str]) -> tuple[datetime, int] | None:
    """Where the page begins: at the cursor, otherwise at the newest job not after `created_at`."""
    if query.get("cursor"):
        try:
            at, own = json.loads(urlsafe_b64decode(query["cursor"] + "=="))
            return instant(at), UUID(own).int
        except (ValueError, TypeError, AttributeError):
            raise ValueError("Cursor: is not valid") from None
    if query.get("created_at"):
        try:
            return instant(query["created_at"]), (1 << 128) - 1
        except ValueError:
            raise ValueError("CreatedAt: must be a valid date") from None
    return None


def _cursor(run: Run) -> str:
    return urlsafe_b64encode(json.dumps([iso(run.started), str(run.id)]).encode()).decode().rstrip("=")


def _workflows(workspace: str, own: list[str]) -> Answer:
    here = [flow for flow in workflows() if workspace in flow.workspaces]
    if not own:
        return answer_json(200, {"list": list(map(short_form, here)), "limit": LARGEST})
    return next((answer_json(200, long_form(flow)) for flow in here if [str(flow.id)] == own), NOT_FOUND)


def _workspace(slug: str) -> Answer:
    fields = load("workspaces")[slug]
    times = {"created_at": iso(instant(fields["created"])), "updated_at": iso(instant(fields["created"]))}
    words = {name: fields[name] for name in ("name", "country", "sandbox")}
    return answer_json(200, {"id": workspace_id(slug), "slug": slug} | words | times)


def _entry(world: World, workspace: str, own: UUID | None, rest: list[str]) -> Answer:
    """An entry as of its newest job; with "files" in the path, one of its files."""
    runs = [run for run in world.of_entry(own) if run.workspace == workspace] if own else []
    if not runs or own is None:
        return NOT_FOUND
    if len(rest) == 2 and rest[0] == "files":
        return _content(world, runs, _uuid(rest[1]))
    if rest:
        return NOT_FOUND
    fields = json.loads(world.body(runs[0]))
    data = fields.get("envelope")
    words = {
        "id": str(own),
        "folder": "invoices",
        "created_at": iso(ids.time_of(own)) if own.version in {1, 7} else fields["created_at"],
    }
    words |= {"updated_at": fields["updated_at"], "attachments": fields.get("attachments", [])}
    schema = {"doc_schema": data["doc"]["$schema"], "data": data, "signed": bool(data.get("sigs"))} if data else {}
    return answer_json(200, words | schema)


def _searched(world: World, workspace: str, wanted: str) -> Answer:
    """The documents whose number, parties or tax ids match the text by prefix.  # [3P]"""
    if not wanted.strip():
        return answer_json(422, {"key": "validation", "message": "Query: cannot be blank"})
    runs = [run for run in islice(world.jobs(workspace), SEARCHED) if run.scenario.paper]
    found = dict.fromkeys(str(run.entry) for run in runs if run.entry and wanted.lower() in _terms(run))
    return answer_json(200, {"query": wanted, "limit": USUAL, "list": [{"id": own} for own in found][:USUAL]})


def _terms(run: Run) -> str:
    """The search terms of a document, without its lines."""
    paper = run.scenario.paper
    doc = document(paper.recipe, paper.patch, 0, "") if paper else {}
    number = "-".join(str(doc[name]) for name in ("series", "code") if doc.get(name))
    parties = [party for role in ("supplier", "customer") if isinstance(party := doc.get(role), dict)]
    return " ".join([number, *(f"{party.get('name')} {party.get('tax_id')}" for party in parties)]).lower()


def _file(world: World, parts: list[str], query: Mapping[str, str]) -> Answer:
    """A public link, which needs no API key; its `h` must be the file's.  # [W]"""
    try:
        entry, own, _name = parts
        runs = world.of_entry(ids.unshort(entry))
        found = _content(world, runs, ids.unshort(own), public=True)
    except ValueError:
        return NOT_FOUND
    marks = dict(found.headers).get("ETag", "").strip('"')
    return found if found.status != 200 or (query.get("h") and marks.startswith(query["h"])) else NOT_FOUND


def _content(world: World, runs: list[Run], own: UUID | None, *, public: bool = False) -> Answer:
    now = world.clock()
    for run in islice(runs, 200):
        for found, file, content in story.files_of(run, run.pace.to_story(elapsed(run.started, now))):
            if found == own and not (public and (file.private or file.url != "auto")):
                mark = ("ETag", f'"{sha256(content)}"')
                return Answer(200, mime=file.mime, headers=(mark,), stream=pieces(content), length=content.size)
    return NOT_FOUND


def _own(simulator: "Simulator", request: Request) -> Answer:
    """The simulator's own routes, for tests and the demo, without an API key."""
    parts = request.path.strip("/").split("/")[1:]
    if parts in ([], [""]):
        return answer_json(200, {"simulator": "invented jobs", "jobs": len(simulator.demo_jobs())})
    if parts == ["demo"]:
        rows = [{"workspace": slug, "id": own, "what": what} for slug, own, what in simulator.demo_jobs()]
        return answer_json(200, {"list": rows})
    if len(parts) == 2 and parts[0] == "jobs" and request.method == "POST":
        return _started(simulator, unquote(parts[1]), request.query)
    return NOT_FOUND


def _started(simulator: "Simulator", key: str, query: Mapping[str, str]) -> Answer:
    try:
        speed = float(query.get("speed", 1))
        own = simulator.start_job(key, speed=speed, workspace=query.get("workspace", ""))
    except KeyError:
        return NOT_FOUND
    except ValueError:
        return answer_json(422, {"key": "validation", "message": "Speed: must be a number above 0"})
    return answer_json(201, {"id": own})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def powerless() -> str:
    """An API key of the main workspace without permission to read jobs: the response is 403."""
    return token("es-live", "none")
