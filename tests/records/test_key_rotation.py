"""Identities in records are re-encrypted with the newest key."""

from typing import Any

import pytest

from jobs import clock
from jobs.gobl.identity import Identity
from jobs.models import JobRecord
from jobs.records import identities, key_rotation
from tests.conftest import Stage
from tests.failures.records import made

NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
IDENTITY = Identity(number="FS-26-001209", customer="Lucía Ferrándiz Gil")


@pytest.fixture
def record(stage: Stage) -> JobRecord:
    return made(stage.acme, clock.now(), identity=IDENTITY)


def test_a_record_is_found_and_readable_with_only_the_new_key(stage: Stage, record: JobRecord, settings: Any) -> None:
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, *settings.TOKEN_ENCRYPTION_KEYS]
    assert list(key_rotation.under_old_keys()) == [record]
    assert key_rotation.reseal() == 1
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    assert list(key_rotation.under_old_keys()) == []
    assert identities.find(stage.acme, "FS-26-001209") == [record.job_id]
    assert identities.of_jobs(stage.acme, [record.job_id]) == {record.job_id: IDENTITY}


def test_an_undecryptable_record_stays_and_is_counted(record: JobRecord) -> None:
    JobRecord.objects.update(identity="1.0.lost")
    assert key_rotation.reseal() == 0
    assert list(key_rotation.under_old_keys()) == [record]
