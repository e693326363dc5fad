"""A time that cannot be read is shown as it came."""

from tests.presenters.job_bodies import intent, page_of, rendered


def test_an_unreadable_time_is_shown_unchanged() -> None:
    html, _ = rendered(page_of(completed_at="next Tuesday", intents=[intent(1, {"status": "OK", "at": "soon"})]))
    assert "next Tuesday" in html
    assert "soon" in html
