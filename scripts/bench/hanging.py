"""While the API hangs for others, and drips, nobody else waits."""

import asyncio
import random

from scripts.bench.stage import AT_ONCE, Row, Stage, spread
from scripts.load import Connection, Figures

SECONDS = 5.0
PER_SECOND = 20  # quick pages, as people would open them
STUCK = 50  # jobs of each kind, each watched


async def measure(stage: Stage) -> list[Row]:
    healthy = [stage.job("es-accepted", speed=AT_ONCE) for _ in range(5)]
    for path in healthy:
        await stage.opened(path)
    stuck = [stage.job("it-public-body") for _ in range(2 * STUCK)]
    tags = {path: (await stage.opened(path))[1] for path in stuck}
    quiet = await _visit(stage, healthy, SECONDS)
    for number, path in enumerate(stuck):
        stage.simulator.misbehave(path.split("/")[-2], "hang" if number < STUCK else "drip")
    stage.simulator.requests.clear()
    watchers = [asyncio.create_task(_watch(stage, path, tags[path])) for path in stuck]
    await asyncio.sleep(2)
    busy = await _visit(stage, healthy, SECONDS)
    for watcher in watchers:
        watcher.cancel()
    polls = Figures()
    for found in await asyncio.gather(*watchers, return_exceptions=True):
        if isinstance(found, Figures):
            polls.latencies += found.latencies
    for path in stuck:
        stage.simulator.misbehave(path.split("/")[-2], None)
    later, attempts = busy.percentile(0.99) / quiet.percentile(0.99), stage.simulator.requests.count()
    return [
        Row("page, nothing wrong", spread(quiet), 1.0),
        Row(f"the same while {2 * STUCK} watched jobs hang or drip", spread(busy), later, "p99 ≤ 1.5"),
        Row("its p50", "", busy.percentile(0.5) / quiet.percentile(0.5)),
        Row(f"poll of a job that hangs ({len(polls.latencies)})", spread(polls), None, "p99 ≤ 250 ms"),
        Row("attempts at the API in that time", f"{attempts}", None, "the breaker spares it the rest"),
    ]


async def _visit(stage: Stage, paths: list[str], seconds: float) -> Figures:
    """An even stream of people, whether or not those before have their answer."""
    figures, visits = Figures(), []

    async def visit(path: str) -> None:
        connection = Connection(stage.url)
        figures.add(await connection.get(path, stage.page_headers))
        await connection.close()

    for _ in range(int(seconds * PER_SECOND)):
        visits.append(asyncio.create_task(visit(random.choice(paths))))
        await asyncio.sleep(1 / PER_SECOND)
    await asyncio.gather(*visits)
    if set(figures.statuses) != {200}:
        raise RuntimeError(f"pages: {dict(figures.statuses)}")
    return figures


async def _watch(stage: Stage, path: str, tag: str) -> Figures:
    figures, connection = Figures(), Connection(stage.url)
    try:
        await asyncio.sleep(random.uniform(0, 1.5))
        while True:
            answer = await connection.get(path, stage.poll_headers(tag))
            figures.add(answer)
            tag = answer.headers.get("hx-ptag", tag)
            pause = int(answer.headers.get("x-poll-ms", "1000")) / 1000 or 1
            await asyncio.sleep(pause * random.uniform(1, 1.25))  # as live.js does
    except asyncio.CancelledError:
        await connection.close()
        return figures
