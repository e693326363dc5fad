"""Pages and polls while the API is slow, fails, hangs or drips for the jobs that others watch."""

import asyncio
import random

from scripts.bench.stage import AT_ONCE, Row, Stage, middle, spread
from scripts.load import Connection, Figures, open_loop

SECONDS, BROWN_OUT_SECONDS = 7.0, 2.0
STRETCHES = 5
PER_SECOND = 25  # pages opened by people
STUCK = 50  # watched jobs of each kind
BROWN_OUTS = (
    ("every third of their answers is a 502", "502", 3, 1),
    ("every one of their answers takes 2 s", "slow:2", 1, None),
    ("every one of their answers takes 4.9 s", "slow:4.9", 1, None),
)
PAUSE = 1.0  # seconds between polls of a watcher, the same before and after, so that only the API differs


async def measure(stage: Stage) -> list[Row]:
    healthy = [stage.job("es-accepted", speed=AT_ONCE) for _ in range(5)]
    for path in healthy:
        await stage.opened(path)
    stuck = [stage.job("be-approval", speed=100) for _ in range(2 * STUCK)]
    tags = {path: (await stage.opened(path))[1] for path in stuck}
    alone = await _visit(stage, healthy, SECONDS)
    polls = Figures()
    watchers = [asyncio.create_task(_watch(stage, path, tags[path], polls)) for path in stuck]
    await asyncio.sleep(2)  # the first poll of each may bring new content
    well = await _visit(stage, healthy, SECONDS)
    slow = [await _brown_out(stage, healthy, stuck, *each) for each in BROWN_OUTS]
    for number, path in enumerate(stuck):
        _misbehave(stage, [path], "hang" if number < STUCK else "drip")
    stage.make_due()
    stage.simulator.requests.clear()
    polls.latencies.clear()
    bad = await _visit(stage, healthy, SECONDS)
    attempts = stage.simulator.requests.count()
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    _misbehave(stage, stuck, None)
    return [
        Row("page, nobody else there", spread(alone)),
        Row(f"page while {2 * STUCK} jobs are watched, all well", spread(well), 1.0),
        *slow,
        Row(
            f"page while the API hangs or drips for {2 * STUCK} watched jobs",
            spread(bad),
            _later(bad, well, 0.99),
            "p99 ≤ 1.5",
            is_main=True,
        ),
        Row("its p50", "", _later(bad, well, 0.5)),
        Row(f"poll of a job that hangs ({len(polls.latencies)})", spread(polls), None, "p99 ≤ 250 ms"),
        Row("attempts at the API in that time", f"{attempts}", None, "the breaker spares it the rest"),
    ]


async def _brown_out(
    stage: Stage, healthy: list[str], watched: list[str], name: str, word: str, every: int, times: int | None
) -> Row:
    """`word`: the misbehaviour for each `every`-th watched job, `times` times."""
    _misbehave(stage, watched[::every], word, times)
    stage.make_due()
    figures = await _visit(stage, healthy, BROWN_OUT_SECONDS)
    _misbehave(stage, watched, None)
    return Row(f"the same while {name}", spread(figures), None, "p99 ≤ 300 ms")


def _misbehave(stage: Stage, paths: list[str], word: str | None, times: int | None = None) -> None:
    for path in paths:
        stage.simulator.misbehave(path.split("/")[-2], word, times)


def _later(bad: Figures, well: Figures, share: float) -> float:
    """Each by the median of its stretches, so that a short disturbance affects only one of them."""
    return middle(_of_stretches(bad, share)) / middle(_of_stretches(well, share))


def _of_stretches(figures: Figures, share: float) -> list[float]:
    length = -(-len(figures.latencies) // STRETCHES)
    stretches = [figures.latencies[at : at + length] for at in range(0, len(figures.latencies), length)]
    return [Figures(latencies=each).percentile(share) for each in stretches]


async def _visit(stage: Stage, paths: list[str], seconds: float) -> Figures:
    return await open_loop(stage.url, paths, stage.page_headers, per_second=PER_SECOND, seconds=seconds)


async def _watch(stage: Stage, path: str, tag: str, figures: Figures) -> None:
    connection = Connection(stage.url)
    await asyncio.sleep(random.uniform(0, PAUSE))
    while True:
        answer = await connection.get(path, stage.poll_headers(tag))
        figures.add(answer)
        tag = answer.headers.get("hx-ptag", tag)
        await asyncio.sleep(PAUSE * random.uniform(1, 1.25))  # as polling.js does
