"""One, two and four processes on PostgreSQL: the gain, and that the number of API requests does not change."""

import tempfile
from pathlib import Path

from scripts import servers
from scripts.bench.stage import Row, Stage, spread, stage
from scripts.bench.watchers import watch
from scripts.load import closed_loop

SECONDS, WATCHED = 1.5, 3.0
WATCHERS = 100


async def measure(_: Stage) -> list[Row]:
    if servers.initdb() is None:
        return [Row("left out", "no PostgreSQL here (on Debian: apt install postgresql)")]
    rows, first = [], 0.0
    with servers.postgresql() as server, tempfile.TemporaryDirectory() as folder:
        address = f"postgres://tests@127.0.0.1:{server.port}/postgres"
        with stage(Path(folder), DATABASE_URL=address) as made:
            for workers in (1, 2, 4):
                made.restart(workers=workers)
                polls, upstream, watched = await _measured(made)
                first = first or polls
                seen = f"{WATCHERS} watchers: {upstream} requests in {WATCHED:.0f} s, {watched}"
                text = f"{polls:,.0f} polls a second; {seen}"
                name = f"{workers} process{'es' if workers > 1 else ''} on PostgreSQL"
                rows.append(Row(name, text, polls / first, "", workers == 2))
    return rows


async def _measured(made: Stage) -> tuple[float, int, str]:
    waiting, moving = made.job("be-approval", speed=100), made.job("es-stub", speed=0.3)
    tag = (await made.opened(waiting, "waiting"))[1]
    headers = made.poll_headers(tag)
    await closed_loop(made.url, waiting, headers, connections=16, seconds=0.5)
    figures = await closed_loop(made.url, waiting, headers, connections=16, seconds=SECONDS)
    _, tag = await made.opened(moving)
    made.simulator.requests.clear()
    watched = await watch(made, moving, tag, WATCHERS, WATCHED)
    return figures.per_second, made.simulator.requests.count(moving.split("/")[-2]), spread(watched)
