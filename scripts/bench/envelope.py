"""Envelopes of 1, 5 and 10 MB: the job's page, and any place in the viewer."""

from scripts.bench.stage import AT_ONCE, Row, Stage, memory, middle, milliseconds
from scripts.load import Connection

TIMES = 3
LARGEST = 10  # MB, the limit
DEEP = "?at=/doc/lines/900/item/name"


async def measure(stage: Stage) -> list[Row]:
    connection = Connection(stage.url)
    small = await _job(stage, "es-accepted")
    page = await _median(stage, connection, small)
    rows = [Row("job page, small envelope", milliseconds(page), 1.0)]
    before = memory(stage.web_pids()[0])
    for size in (1, 5, LARGEST):
        path = await _job(stage, f"large-{size}")
        opened = await _median(stage, connection, path)
        rows.append(Row(f"{size} MB envelope: job page", milliseconds(opened), opened / page, "≈ 1"))
        for name, place in (("first level of the viewer", ""), ("a deep place", DEEP), ("search", "?q=needle")):
            took = await _median(stage, connection, f"{path}envelope/{place}", fragment=True)
            is_main = size == LARGEST and not place
            rows.append(Row(f"{size} MB envelope: {name}", milliseconds(took), took / page, "", is_main))
    pid = stage.web_pids()[0]
    grown = f"{before:.0f} → {memory(pid):.0f} MB, at most {memory(pid, 'VmHWM'):.0f} MB"
    return [*rows, Row("memory of the process", grown)]


async def _job(stage: Stage, story: str) -> str:
    path = stage.job(story, speed=AT_ONCE)
    await stage.opened(path)
    return path


async def _median(stage: Stage, connection: Connection, path: str, *, fragment: bool = False) -> float:
    """Seconds until the whole response has arrived."""
    headers = stage.page_headers | ({"HX-Request": "true", "HX-Target": "envelope-body"} if fragment else {})
    answers = [await connection.get(path, headers) for _ in range(TIMES)]
    if {answer.status for answer in answers} != {200}:
        raise RuntimeError(f"{path}: {[answer.status for answer in answers]}")
    return middle([answer.seconds for answer in answers])
