"""A job's page in Chromium with a cold cache, against the smallest possible live page on the same server."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from scripts.bench.stage import AT_ONCE, Row, Stage, middle, milliseconds
from scripts.browser import ARGUMENTS, found
from scripts.load import Connection
from scripts.product import TEAM, cookies

TABS, TIMES = 8, 3
WATCHED, SPEED = 60.0, 0.12  # seconds; of a story that goes on for all of them
WINDOW_OPENS = 1.0  # seconds: a new window first loads the browser's own pages, which must not be measured
UPDATES = 1_000
MORPHED = """(() => {{
  const now = document.getElementById("job").outerHTML
  const other = now.replaceAll("OK", "RUN").replaceAll("12", "13")
  for (let i = 0; i < {times}; i++) Idiomorph.morph(document.getElementById("job"), i % 2 ? now : other)
}})()"""
PAINT = """new Promise(done => new PerformanceObserver(list => {
  const paint = list.getEntriesByName('first-contentful-paint')[0]
  if (paint) done(paint.startTime) }).observe({ type: 'paint', buffered: true }))"""
OPENED = """new Promise(done => {
  const began = performance.now(), body = document.getElementById('envelope-body')
  new MutationObserver(() => body.querySelector('.viewer') &&
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)))).observe(body, { childList: true })
  document.querySelector('#envelope > summary').click() })"""
LONG_TASKS = """new Promise(done => { let sum = 0
  new PerformanceObserver(list => list.getEntries().forEach(it => sum += it.duration - 50))
    .observe({ type: 'longtask', buffered: true })
  setTimeout(() => done(sum), 200) })"""


@dataclass
class Traffic:
    """The bytes transferred, by kind: Document, Script, Stylesheet, Font, XHR …"""

    wire: Counter[str] = field(default_factory=Counter)
    decoded: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    kinds: dict[str, str] = field(default_factory=dict)

    def listen(self, session: CDPSession) -> None:
        session.on("Network.responseReceived", self._answered)
        session.on("Network.dataReceived", self._received)
        session.on("Network.loadingFinished", self._finished)

    def _answered(self, event: dict[str, Any]) -> None:
        self.kinds[event["requestId"]] = event["type"]
        self.requests += not event["response"]["url"].startswith("data:")

    def _received(self, event: dict[str, Any]) -> None:
        self.decoded[self.kinds.get(event["requestId"], "")] += event["dataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.wire[self.kinds.get(event["requestId"], "")] += event["encodedDataLength"]


async def measure(stage: Stage) -> list[Row]:
    path, large = stage.job("es-accepted", speed=AT_ONCE), stage.job("large-5", speed=AT_ONCE)
    for each in (path, large):
        await stage.opened(each)
    if found() is None:
        return [Row("left out", "no Chromium here")]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found(), args=ARGUMENTS)
        rows = [*await _weight(browser, stage, path), *await _first_view(browser, stage, path)]
        rows += await _pasted(browser, stage)
        rows += await _live(browser, stage)
        rows += await _many_updates(browser, stage, path)
        rows += await _envelope(browser, stage, large)
        await browser.close()
    return rows


async def _weight(browser: Browser, stage: Stage, path: str) -> list[Row]:
    page, _, traffic = await _open(browser, stage)
    await page.goto(stage.url + path, wait_until="networkidle")
    await page.wait_for_function("() => performance.getEntriesByType('resource').some(it => it.name.includes('times'))")
    await page.context.close()
    all_bytes, fonts = sum(traffic.wire.values()) / 1000, traffic.wire["Font"] / 1000
    return [
        Row("job page: bytes on the wire, fonts aside", f"{all_bytes - fonts:.0f} kB", None, "≤ 50 kB", is_main=True),
        Row("with fonts", f"{all_bytes:.0f} kB", None, "≤ 130 kB"),
        Row("requests", f"{traffic.requests}", None, "≤ 10"),
        Row("JavaScript, decoded", f"{traffic.decoded['Script'] / 1000:.0f} kB", None, "≤ 70 kB"),
    ]


async def _first_view(browser: Browser, stage: Stage, path: str) -> list[Row]:
    """From a click on a permalink that opens a new tab, alternating with the floor."""
    pairs = [
        (
            await _seen(browser, stage, stage.bare_url + "/floor/", "#job"),
            await _seen(browser, stage, stage.url + path, "#headline"),
        )
        for _ in range(TABS)
    ]
    rows = []
    for at, what in enumerate(("visible", "painted")):
        floor, ours = (middle([pair[side][at] for pair in pairs]) for side in (0, 1))
        ratio = middle([own[at] / least[at] for least, own in pairs])
        rows += [
            Row(f"floor, in a new tab: {what}", milliseconds(floor), 1.0),
            Row(
                f"job page, in a new tab: job {what}",
                milliseconds(ours),
                ratio,
                "≤ 1.4" if what == "visible" else "",
                is_main=what == "visible",
            ),
        ]
    return rows


async def _seen(browser: Browser, stage: Stage, address: str, wanted: str) -> tuple[float, float]:
    """Seconds from opening a tab in a new browser until `wanted` is on the page, and until the first paint."""
    context = await _context(browser, stage)
    began = time.time()
    page = await context.new_page()
    await page.goto(address, wait_until="commit")
    await page.locator(wanted).wait_for()
    visible = time.time() - began
    painted = float(await page.evaluate(f"{PAINT}.then(at => performance.timeOrigin + at)")) / 1000 - began
    await page.wait_for_load_state("networkidle")
    await context.close()
    return visible, painted


async def _pasted(browser: Browser, stage: Stage) -> list[Row]:
    """From Enter in the look-up box until the job is painted: unknown jobs, then the same ones again."""
    page, _, _ = await _open(browser, stage)
    jobs = [stage.job("es-accepted", speed=AT_ONCE).split("/")[-2] for _ in range(TIMES)]
    cold, warm = [[await _found(page, stage, job) for job in jobs] for _ in range(2)]
    await page.context.close()
    return [
        Row("from pasting an id to the job, nobody had looked at it", milliseconds(middle(cold))),
        Row("the same, of a job with a copy", milliseconds(middle(warm))),
    ]


async def _found(page: Page, stage: Stage, job: str) -> float:
    """Seconds."""
    await page.goto(stage.url + "/", wait_until="networkidle")
    await page.locator("[data-look-up]").first.fill(job)
    pressed = float(await page.evaluate("Date.now()"))
    await page.keyboard.press("Enter")
    await page.locator("#headline").wait_for()
    return (float(await page.evaluate(f"{PAINT}.then(at => performance.timeOrigin + at)")) - pressed) / 1000


async def _live(browser: Browser, stage: Stage) -> list[Row]:
    """A job that moves for a minute, watched from its first second, and the floor beside it."""
    floor, its_session, _ = await _open(browser, stage)
    await floor.goto(stage.bare_url + "/floor/", wait_until="networkidle")
    page, session, traffic = await _open(browser, stage)
    moving = stage.job("es-stub", speed=SPEED)
    await stage.opened(moving)
    await page.goto(stage.url + moving, wait_until="networkidle")
    await page.locator("#live[data-state=live]").wait_for()
    requests, decoded = traffic.requests, traffic.decoded["Script"]
    blocked = float(await page.evaluate(LONG_TASKS))
    before, its_before = await _busy(session), await _busy(its_session)
    sent, polled = traffic.wire["XHR"], traffic.requests
    await asyncio.sleep(WATCHED)
    busy, least = await _busy(session) - before, await _busy(its_session) - its_before
    moved, polls = (traffic.wire["XHR"] - sent) / 1000, traffic.requests - polled
    heap, its_heap = await _heap(session), await _heap(its_session)
    rest = await _a_minute_of_waiting(stage)
    for each in (page, floor):
        await each.context.close()
    return [
        Row("page of a moving job: requests until it is live", f"{requests}"),
        Row("page of a moving job: JavaScript, decoded", f"{decoded / 1000:.0f} kB"),
        Row("blocking time while it loads", f"{blocked:.0f} ms", None, "0"),
        Row("live traffic of a moving job, a minute", f"{moved:.1f} kB, {polls} polls", None, "≤ 25 kB at 60"),
        Row("live traffic of a waiting job, a minute", f"{rest / 1000:.1f} kB", None, "≤ 1 kB"),
        Row("floor: main thread, a minute", f"{least:.2f} s", 1.0),
        Row("job page: main thread while the job moves, a minute", f"{busy:.2f} s", busy / least, "≤ 1.8"),
        Row("floor: heap", f"{its_heap:.1f} MB", 1.0),
        Row("job page: heap", f"{heap:.1f} MB", heap / its_heap, "≤ 3 MB"),
    ]


async def _many_updates(browser: Browser, stage: Stage, path: str) -> list[Row]:
    """Repeatedly morphs the live part into another version and back, like a job that never ends."""
    page, session, _ = await _open(browser, stage)
    await page.goto(stage.url + path, wait_until="networkidle")
    await _about_to_act(page)
    await page.evaluate(MORPHED.format(times=50))
    before = await _heap(session)
    began = time.perf_counter()
    await page.evaluate(MORPHED.format(times=UPDATES))
    seconds, after = (time.perf_counter() - began) / UPDATES, await _heap(session)
    await page.context.close()
    name = f"heap after {UPDATES:,} updates"
    return [
        Row(name, f"{before:.1f} → {after:.1f} MB", after / before, "≈ 1: no growth"),
        Row("one update, changed rows and all", milliseconds(seconds)),
    ]


async def _heap(session: CDPSession) -> float:
    """MB of JavaScript in use after garbage collection. A page itself is told no less than 10."""
    await session.send("HeapProfiler.collectGarbage")
    return float((await session.send("Runtime.getHeapUsage"))["usedSize"]) / 1e6


async def _a_minute_of_waiting(stage: Stage) -> float:
    """Bytes per minute, for a job that has waited for weeks."""
    job = next(job for _, job, seen in stage.simulator.demo_jobs() if "three weeks" in seen)
    path = f"/teams/{TEAM}/jobs/{job}/"
    _, tag = await stage.opened(path, "waiting")
    answer = await Connection(stage.url).get(path, stage.poll_headers(tag))
    return answer.size * 60_000 / int(answer.headers["x-poll-ms"])


async def _envelope(browser: Browser, stage: Stage, path: str) -> list[Row]:
    """From the click on a folded envelope of 5 MB until its first level is painted; the first reads it."""
    (first, elements), *later = [await _opened(browser, stage, path) for _ in range(1 + TIMES)]
    again = milliseconds(middle([seconds for seconds, _ in later]))
    return [
        Row("5 MB envelope: from the click to its first level", milliseconds(first), None, "≤ 100 ms"),
        Row("the same, by the next people", again, None, "≤ 100 ms"),
        Row("elements of the page then", f"{elements:,}", None, "≤ 2,000"),
    ]


async def _opened(browser: Browser, stage: Stage, path: str) -> tuple[float, int]:
    """Seconds, and the elements of the page then."""
    page, _, _ = await _open(browser, stage)
    await page.goto(stage.url + path, wait_until="networkidle")
    await _about_to_act(page)
    took = float(await page.evaluate(OPENED)) / 1000
    elements = int(await page.evaluate("document.getElementsByTagName('*').length"))
    await page.context.close()
    return took, elements


async def _open(browser: Browser, stage: Stage) -> tuple[Page, CDPSession, Traffic]:
    context = await _context(browser, stage)
    page, traffic = await context.new_page(), Traffic()
    session = await context.new_cdp_session(page)
    for domain in ("Network", "HeapProfiler"):
        await session.send(f"{domain}.enable")
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})  # other processes are not counted
    traffic.listen(session)
    await asyncio.sleep(WINDOW_OPENS)
    return page, session, traffic


async def _about_to_act(page: Page) -> None:
    """The page of a finished job loads most of its scripts on the first pointer movement or key press."""
    await page.keyboard.press("Shift")
    await page.wait_for_function("() => window.Idiomorph")


async def _context(browser: Browser, stage: Stage) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    await context.add_cookies(cookies(stage.cookie, stage.url))
    return context


async def _busy(session: CDPSession) -> float:
    """Seconds the main thread has worked since the page began."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))
