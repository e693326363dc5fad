"""Bars are within their row, wide enough to see, and end now while a job is open."""

from tests.presenters.job_bodies import attempts, event, intent, page_of, rendered


def test_bars_stay_within_the_row_and_visible() -> None:
    page = page_of(intents=[intent(1, *attempts(33, pause=1800))])
    assert page.steps is not None
    for bar in page.steps.shown[0].bars:
        assert 0 <= bar.x <= 100
        assert bar.width >= 0.7
        assert bar.x + bar.width <= 100.01


def test_short_steps_stay_visible_beside_a_wait_of_weeks() -> None:
    quick = [intent(n, event(0, "RUN", n / 10), event(1, "OK", n / 10 + 0.08)) for n in range(5)]
    page = page_of(intents=[*quick, intent(9, event(0, "RUN", 1), event(1, "QUEUED", 2), event(2, "OK", 86_400 * 21))])
    assert page.steps is not None
    widths = [step.bars[0].width for step in page.steps.shown[:5]]
    assert min(widths) > 1
    assert page.steps.breaks


def test_an_open_job_ends_at_now() -> None:
    page = page_of(intents=[intent(1, event(0, "RUN", 1))])
    assert page.steps is not None
    assert str(page.steps.ticks[-1].label) == "now"
    assert page.steps.shown[0].bars[-1].is_open


def test_bars_have_a_text_equivalent() -> None:
    events = [event(0, "RUN", 90), event(1, "ERR", 91), event(2, "RUN", 211), event(3, "OK", 212)]
    html, _ = rendered(page_of(intents=[intent(1, event(0, "OK", 1)), intent(2, *events)]))
    assert 'role="img" aria-label="begins 1.00 s after the job"' in html
    assert 'role="img" aria-label="begins 1 min 30 s after the job, pauses 2 min 00 s in all"' in html


def test_a_step_without_times_has_no_bar_text() -> None:
    html, _ = rendered(page_of(intents=[intent(1, {"index": 0, "status": "OK"})]))
    assert "after the job" not in html
