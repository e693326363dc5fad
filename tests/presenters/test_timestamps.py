"""A time that cannot be read is shown as it came."""

from tests.presenters.job_bodies import intent, page_of, rendered


def test_a_time_that_cannot_be_read_is_shown_as_it_came() -> None:
    html, _ = rendered(page_of(completed_at="next Tuesday", intents=[intent(1, {"status": "OK", "at": "soon"})]))
    assert "next Tuesday" in html
    assert "soon" in html
