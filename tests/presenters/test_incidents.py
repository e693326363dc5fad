"""An incident names its provider, and the day's card changes with it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.utils import translation

from jobs.failures.incidents import FAILS, WAITS, Incident
from jobs.failures.today import Day
from jobs.presenters.incidents import day_tag, incident_line

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
OURS = Incident("webhook", FAILS, NOW, NOW + timedelta(hours=1), (uuid4(),), 0)
THEIRS = Incident("AEAT", WAITS, NOW, None, (uuid4(),), 1)


def test_an_incident_names_its_provider() -> None:
    assert (incident_line(OURS).provider, incident_line(OURS).is_ours) == ("your endpoint", True)
    assert incident_line(Incident("xx\u202e", FAILS, NOW, None, (), 0)).name == "xx⟦right-to-left override⟧"
    with translation.override("es"):
        assert str(incident_line(THEIRS).provider) == "la AEAT"


def test_the_days_tag_changes_with_its_numbers_and_incidents() -> None:
    day = Day(1, 2, 3, (), is_known=True)
    tags = [day_tag(day, ()), day_tag(Day(1, 2, 4, (), is_known=True), ()), day_tag(day, (incident_line(OURS),))]
    assert len(set(tags)) == 3
    assert day_tag(day, ()) == tags[0]
