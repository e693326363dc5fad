"""A change of a case is sent to receivers, and stays if one of them fails."""

from typing import Any

import pytest

from jobs.cases import change_signal, claims
from jobs.models import Case, JobRecord
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage


def test_a_failing_receiver_loses_no_change(stage: Stage, seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    def failing(**sent: Any) -> None:
        for _ in range(2):  # breaks a rule of the table
            JobRecord.objects.create(team=stage.acme, job_id=sent["job_id"], read_at=NOW)

    change_signal.changed.connect(failing)
    try:
        claims.take(stage.acme, seen(), stage.bob, None, NOW)
    finally:
        change_signal.changed.disconnect(failing)
    assert Case.objects.get().holder == stage.bob
    assert not JobRecord.objects.exists()
    assert "IntegrityError; the case is changed all the same" in caplog.text
