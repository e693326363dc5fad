"""The state of a case, and the team's pin."""

import pytest

from jobs.cases import states
from jobs.models import Case
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage


@pytest.mark.parametrize("state", ["customer", "authority", "invopop", "done"])
def test_setting_a_state_twice_changes_it_once(stage: Stage, seen: Seen, state: str) -> None:
    job = seen()
    assert states.put(stage.acme, job, stage.bob, state, NOW)
    assert not states.put(stage.acme, job, stage.bob, state, NOW)
    assert (Case.objects.get().state, Case.objects.get().version) == (state, 1)


def test_an_unknown_state_is_refused(stage: Stage, seen: Seen) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        states.put(stage.acme, seen(), stage.bob, "nowhere", NOW)


def test_a_pin_is_the_teams_and_names_its_author(stage: Stage, seen: Seen) -> None:
    job = seen()
    assert states.pin(stage.acme, job, stage.bob, NOW, on=True)
    assert not states.pin(stage.acme, job, stage.alice, NOW, on=True)
    assert Case.objects.get().pinned_by == stage.bob
    assert states.pin(stage.acme, job, stage.alice, NOW, on=False)
    assert Case.objects.get().pinned_at is None
