"""Viewing changes nothing: no link, no robot that follows all links, no prefetching browser."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django.utils import timezone

from jobs.models import Pin
from jobs.simulator.server import Simulator
from jobs.teams import invitations, webhook_secrets
from tests.conftest import Stage, give_second_factor, give_token
from tests.security.addresses import every_address
from tests.security.crawl import admin_addresses, crawl
from tests.security.tables import Rows, contents
from tests.teams.test_access import JOB

# What viewing may write: the audit record, the API's response, the time of the visit.
OF_LOOKING = {
    "jobs_lookup", "jobs_snapshot", "jobs_snapshotbody", "jobs_workflowcopy", "jobs_origin",
    "jobs_jobrecord", "jobs_casejob", "jobs_sweep",
    "dashboard_session", "shared_cache",
}  # fmt: skip
KEPT = {
    "jobs_team", "jobs_membership", "jobs_token", "jobs_invitation", "jobs_webhooksecret", "jobs_pin", "jobs_change",
    "auth_user", "mfa_authenticator", "account_emailaddress", "django_admin_log",
}  # fmt: skip


@pytest.fixture
def job(stage: Stage, simulator: Simulator, settings: Any) -> str:
    """A job, with rows in every table that viewing must not change."""
    settings.LOOK_UPS_A_MINUTE = 0
    give_token(stage.acme, simulator)
    job = str(simulator.demo_jobs()[5][1])  # a finished one, with files and an envelope
    stage.alice.is_staff = stage.alice.is_superuser = True  # so that no address is closed to her
    stage.alice.save()
    EmailAddress.objects.create(user=stage.alice, email=stage.alice.email)  # as created by signing in
    give_second_factor(stage.alice)
    RecoveryCodes.activate(stage.alice)
    invitations.invite(stage.acme, "dora@example.com", "viewer", stage.alice, timezone.now())
    webhook_secrets.make(stage.acme, stage.alice, timezone.now())
    Pin.objects.create(team=stage.acme, user=stage.alice, job_id=JOB)
    return job


def lasting() -> dict[str, Rows]:
    return {table: rows for table, rows in contents().items() if table not in OF_LOOKING}


def addresses(stage: Stage, job: str, secret: str = "invite_nobody") -> list[str]:
    return every_address(job_id=job, object_id=str(stage.alice.pk), secret=secret)


def test_a_get_of_every_address_changes_nothing(as_alice: Client, stage: Stage, job: str) -> None:
    before = lasting()
    assert before.keys() >= KEPT
    for address in addresses(stage, job):
        for method in ("HEAD", "GET"):
            as_alice.generic(method, address)
            assert lasting() == before, (method, address)
    assert as_alice.get("/teams/acme/settings/").status_code == 200  # she is still signed in


def test_following_every_link_changes_nothing(as_alice: Client, stage: Stage, job: str) -> None:
    before = lasting()
    found = crawl(as_alice, ["/", f"/teams/acme/jobs/{job}/", *addresses(stage, job), *admin_addresses()])
    for address, _ in found:
        as_alice.head(address)
    assert len(found) > 150
    assert lasting() == before
    assert as_alice.get("/teams/acme/settings/").status_code == 200


def test_a_viewed_invitation_is_not_accepted(as_charlie: Client, stage: Stage) -> None:
    """Mail programs follow links automatically."""
    shown = invitations.invite(stage.acme, "charlie@example.com", "manager", stage.alice, timezone.now())
    before = lasting()
    for method in ("HEAD", "GET"):
        assert as_charlie.generic(method, f"/invitations/{shown.reveal()}/").status_code == 200
    assert lasting() == before
