"""Forms of channels."""

from datetime import UTC, datetime

from django.http import QueryDict

from jobs.encryption import Secret
from jobs.forms.notifications import ChannelChangeForm
from jobs.models import Channel
from jobs.notifications import channels
from tests.conftest import Stage


def test_a_channel_that_ends_while_edited_stays_ended(stage: Stage) -> None:
    now, address = datetime(2026, 1, 1, tzinfo=UTC), Secret("https://hooks.example.com/x")
    channel = channels.make(stage.acme, "chat", "a", address, "en", stage.alice, now)
    form = ChannelChangeForm(QueryDict("language=es&zone=Europe/Madrid&quiet_from=22"), instance=channel)
    assert form.is_valid()
    channels.end(channel, "unsubscribed", now)
    form.save()
    found = Channel.objects.get()
    assert (found.ended_at, found.reason) == (now, "unsubscribed")
    assert (found.language, found.zone, found.quiet_from, found.quiet_until) == ("es", "Europe/Madrid", 22, None)
    Channel.objects.all().delete()
    form.save()  # removed meanwhile: nothing to change, and no error
    assert not Channel.objects.exists()
