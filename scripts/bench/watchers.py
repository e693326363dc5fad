"""The cost of many watchers of one job for the API and for each other, with browsers that poll at the given pace."""

import asyncio
import itertools
import random

from scripts.bench.stage import Row, Stage, spread
from scripts.load import Connection, Figures

MOST = 1_000
SECONDS = 4.0
COMING = 60  # people per second: each opens a page, which costs as much as several polls
STORY = "es-stub"  # changes throughout


async def measure(stage: Stage) -> list[Row]:
    rows: list[Row] = []
    alone = 0.0
    for count in (1, 100, MOST):
        path = stage.job(STORY, speed=0.3)
        _, tag = await stage.opened(path)
        stage.simulator.requests.clear()
        figures = await watch(stage, path, tag, count, SECONDS)
        asked = [each.at for each in stage.simulator.requests.all() if each.path.endswith(path.split("/")[-2])]
        a_second = len(asked) / figures.seconds
        alone = alone or a_second
        gaps = [b - a for a, b in itertools.pairwise(asked)]
        least = f", {min(gaps).total_seconds():.1f} s apart at least" if gaps else ""
        name = f"{count:,} watcher{'s' if count > 1 else ''} of one job"
        text = f"{len(asked)} requests in {figures.seconds:.0f} s{least}"
        rows += [
            Row(f"{name}: requests to the API", text, a_second / alone, "≈ 1: one request an interval"),
            Row(f"{name}: {len(figures.latencies):,} polls", spread(figures), None, "p99 ≤ 250 ms", count == MOST),
        ]
    return [*rows, await _cold_start(stage)]


async def watch(stage: Stage, path: str, tag: str, count: int, seconds: float) -> Figures:
    """Opens `count` pages, each of which polls with its tag after the pause of the last response.

    They are opened over `count / COMING` seconds, at least one; then they poll for `seconds`.
    """
    coming = max(1.0, count / COMING)
    seconds += coming
    figures, until = Figures(seconds=seconds), asyncio.get_running_loop().time() + seconds

    async def page() -> None:
        await asyncio.sleep(random.uniform(0, coming))
        connection, seen = Connection(stage.url), tag
        while asyncio.get_running_loop().time() < until:
            try:
                answer = await connection.get(path, stage.poll_headers(seen))
            except (OSError, asyncio.IncompleteReadError):
                figures.failures += 1
                continue
            figures.add(answer)
            seen = answer.headers.get("hx-ptag", seen)
            pause = int(answer.headers.get("x-poll-ms", "1000"))
            if not pause:
                break
            await asyncio.sleep(pause / 1000 * random.uniform(1, 1.25))  # as polling.js does
        await connection.close()

    await asyncio.gather(*(page() for _ in range(count)))
    return figures


async def _cold_start(stage: Stage) -> Row:
    """Two hundred people open the link of an unknown job at the same moment."""
    path = stage.job("es-accepted", speed=1e6)
    stage.simulator.requests.clear()

    async def person() -> int:
        connection = Connection(stage.url)
        answer = await connection.get(path, stage.page_headers)
        await connection.close()
        return answer.status

    statuses = await asyncio.gather(*(person() for _ in range(200)))
    asked = stage.simulator.requests.count(path.split("/")[-2])
    if set(statuses) != {200}:
        raise RuntimeError(f"cold start: {sorted(set(statuses))}")
    return Row("200 people open an unknown job at once", f"{asked} request", float(asked), "1")
