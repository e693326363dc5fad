"""Starts and stops the simulator: in tests, in the demo, by `manage.py simulator`."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from jobs.simulator import busy_day, routes
from jobs.simulator.demo import demo_jobs
from jobs.simulator.http_server import Answer, Request, Server, answer_json
from jobs.simulator.misbehaviour import Misbehaviour, Misbehaviours
from jobs.simulator.tokens import tokens
from jobs.simulator.world import World

REMEMBERED = 20_000  # requests


@dataclass(frozen=True, slots=True)
class Asked:
    """A received request. `workspace` is "" without a valid API key, which itself is not stored."""

    method: str
    path: str
    workspace: str
    at: datetime


class Requests:
    """The last REMEMBERED requests, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self._asked: deque[Asked] = deque(maxlen=REMEMBERED)
        self._lock = threading.Lock()

    def add(self, asked: Asked) -> None:
        with self._lock:
            self._asked.append(asked)

    def all(self) -> list[Asked]:
        with self._lock:
            return list(self._asked)

    def count(self, path: str = "") -> int:
        """The number of requests whose path is or ends with `path`, such as a job's id; without one, of all."""
        return sum(asked.path.endswith(path) for asked in self.all())

    def clear(self) -> None:
        with self._lock:
            self._asked.clear()


class Simulator:
    """`with Simulator() as simulator: …`, then send requests to `simulator.url` with one of `simulator.tokens`.

    `clock` returns the current time, aware and in UTC; it may be replaced at any time, to advance the stories.
    `busy`: a workspace with a busy day of that many `jobs`.
    `file_base` replaces the simulator's own origin in links to files ("https://silo.invopop.com").
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        file_base: str | None = None,
        busy: str = "",
        jobs: int = busy_day.JOBS,
    ) -> None:
        """Binds the port; 0 is any free one. Raises OSError if it is in use."""
        self.clock = clock or (lambda: datetime.now(UTC))
        self.requests = Requests()
        self.stopping = threading.Event()
        self.tokens = tokens()
        self.powerless_token = routes.powerless()
        self._misbehaviours = Misbehaviours()
        self._workspaces = {token: slug for slug, token in self.tokens.items()}
        self._server = Server((host, port), self)
        self._thread: threading.Thread | None = None
        self.host, self.port = host, int(self._server.server_address[1])
        self.world = World(self.now, self.url if file_base is None else file_base, busy, jobs)

    def now(self) -> datetime:
        """The time by the current clock."""
        return self.clock()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, name="simulator", daemon=True)
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Serves in this thread until another one calls `stop`."""
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        if self._thread is not None:
            self._thread.join(5)

    def start_job(self, key: str, *, speed: float = 1.0, workspace: str = "") -> str:
        """A new job of that story that starts now, by default in the main workspace.

        Raises KeyError for an unknown story or workspace, ValueError for a speed that is not positive.
        """
        if not 0 < speed < float("inf"):
            raise ValueError("speed must be above 0")
        if workspace and workspace not in self.tokens:
            raise KeyError(workspace)
        return str(self.world.start(key, speed, workspace))

    def misbehave(self, path_or_job: str, behaviour: str | None, times: int | None = None) -> None:
        """Applies a behaviour of misbehaviour.py to requests whose path contains this, up to `times`. None ends it."""
        self._misbehaviours.assign(path_or_job, behaviour, times)

    def demo_jobs(self) -> list[tuple[str, str, str]]:
        """(workspace, job id, description) of the jobs that this simulator started with."""
        return demo_jobs(self.world.begun)

    def workspace_of(self, request: Request) -> str | None:
        shown = request.headers.get("authorization", "")
        return self._workspaces.get(shown[7:]) if shown.startswith("Bearer ") else None

    def note(self, request: Request) -> Misbehaviour | None:
        """Records an API request; returns its misbehaviour, if any."""
        if request.path.startswith("/_simulator"):
            return None
        self.requests.add(Asked(request.method, request.path, self.workspace_of(request) or "", self.clock()))
        return self._misbehaviours.take(request.path)

    def answer(self, request: Request, wrong: Misbehaviour | None) -> Answer:
        if wrong is None or wrong.name in {"slow", "drip"}:
            return routes.answer(self, request)
        return _wrong_answer(wrong)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _wrong_answer(wrong: Misbehaviour) -> Answer:
    if wrong.name == "html":
        return Answer(200, b"<!doctype html><title>Sign in</title><h1>Sign in</h1>", "text/html; charset=utf-8")
    if wrong.name == "429":
        wait = {"Retry_After": str(int(wrong.seconds))} if ":" in wrong.word else {}
        return answer_json(429, {"message": "too many requests"}, **wait)
    return answer_json(int(wrong.name), {"message": _WORDS.get(wrong.name, "something went wrong")})


_WORDS = {
    "401": "invalid authorization token",
    "403": "insufficient permissions",
    "404": "not found",
    "503": "try again later",
}
