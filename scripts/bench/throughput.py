"""How many polls and pages a process answers, compared with the bare view in the same minute."""

from scripts.bench.stage import AT_ONCE, Row, Stage, memory, middle, milliseconds, processor_seconds
from scripts.load import Connection, Figures, closed_loop

ROUNDS = 3
SECONDS = 0.7  # per kind and round: kinds alternate, so that a busy machine affects all of them
CONNECTIONS = 8
SMALL, LARGE = "es-accepted", "large-1"
JOBS = (("be-approval", 100), (SMALL, AT_ONCE), (LARGE, AT_ONCE))
RENDERED = 6  # jobs whose pages are rendered without a cache


async def measure(stage: Stage) -> list[Row]:
    waiting, small, large = (stage.job(story, speed=speed) for story, speed in JOBS)
    tags = {waiting: (await stage.opened(waiting, "waiting"))[1]}
    tags |= {path: (await stage.opened(path))[1] for path in (small, large)}
    kinds = {
        "bare": (stage.bare_url, "/", stage.page_headers),
        "unchanged": (stage.url, waiting, stage.poll_headers(tags[waiting])),
        "unchanged of 1 MB": (stage.url, large, stage.poll_headers(tags[large])),
        "changed": (stage.url, small, stage.poll_headers("none")),
        "page": (stage.url, small, stage.page_headers),
        "page of 1 MB": (stage.url, large, stage.page_headers),
    }
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    sizes: dict[str, float] = {}
    for _ in range(ROUNDS):
        for kind, (base, path, headers) in kinds.items():
            figures = await closed_loop(base, path, headers, connections=CONNECTIONS, seconds=SECONDS)
            _check(kind, figures)
            rates[kind].append(figures.per_second)
            sizes[kind] = figures.received / len(figures.latencies)
    bare = rates["bare"]
    rate = {kind: middle(found) for kind, found in rates.items()}
    against = {kind: middle([a / b for a, b in zip(found, bare, strict=True)]) for kind, found in rates.items()}

    def row(name: str, kind: str, target: str = "", *, is_main: bool = False) -> Row:
        return Row(name, f"{rate[kind]:,.0f} a second, {sizes[kind]:,.0f} bytes", against[kind], target, is_main)

    cost = {path: await _processor(stage, path, tags[path]) for path in (waiting, large)}
    heavy = cost[large] / cost[waiting]
    held = f"{memory(stage.web_pids()[0]):.0f} MB"  # before the restart
    made = {story: await _made_from_nothing(stage, story) for story in (SMALL, LARGE)}
    return [
        row("bare view: session, login, “ok”", "bare"),
        row("poll, unchanged, against a bare view", "unchanged", "≥ 0.5", is_main=True),
        row("poll, unchanged, job of 1 MB", "unchanged of 1 MB", "≥ 0.5"),
        row("poll, changed: the live part, already rendered for somebody", "changed"),
        row("full page, small job, already rendered for somebody", "page"),
        row("full page, job of 1 MB, already rendered for somebody", "page of 1 MB"),
        Row("processor: unchanged poll", milliseconds(cost[waiting]), 1.0, "≤ 15 ms", is_main=True),
        Row("processor: unchanged poll, job of 1 MB", milliseconds(cost[large]), heavy, "≈ 1"),
        Row(
            "processor: page of a small job, made from nothing",
            milliseconds(made[SMALL]),
            made[SMALL] / cost[waiting],
            "≥ 20",
            is_main=True,
        ),
        Row(
            "processor: page of a job of 1 MB, made from nothing",
            milliseconds(made[LARGE]),
            made[LARGE] / cost[large],
            "≥ 20",
        ),
        Row("memory of the process after all this", held, None, "≤ 90 MB", is_main=True),
    ]


async def _made_from_nothing(stage: Stage, story: str) -> float:
    """Seconds a page takes in a process with empty caches: decrypt, parse, conclude, render."""
    paths = [stage.job(story, speed=AT_ONCE) for _ in range(RENDERED)]
    for path in paths:
        await stage.opened(path)
    stage.restart()
    warm, *paths = paths
    await stage.opened(warm)
    connection, pid = Connection(stage.url), stage.web_pids()[0]
    before = processor_seconds(pid)
    for path in paths:
        await connection.get(path, stage.page_headers)
    return (processor_seconds(pid) - before) / len(paths)


async def _processor(stage: Stage, path: str, tag: str) -> float:
    """Seconds an unchanged poll takes, one after the other like the uncached pages."""
    pid = stage.web_pids()[0]
    before = processor_seconds(pid)
    figures = await closed_loop(stage.url, path, stage.poll_headers(tag), connections=1, seconds=1.5)
    return (processor_seconds(pid) - before) / len(figures.latencies)


def _check(kind: str, figures: Figures) -> None:
    """Raises if responses were wrong, which would make the ratio meaningless."""
    expected = {304} if kind.startswith("unchanged") else {200}
    if set(figures.statuses) != expected or figures.failures:
        raise RuntimeError(f"{kind}: {dict(figures.statuses)}, {figures.failures} broken")
