"""Claims of a case: the database decides, and the person who is too late sees who has it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connections

from jobs.cases import claims, states
from jobs.models import Case, Membership
from jobs.teams import members
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage


def test_a_case_is_claimed_in_one_click(stage: Stage, seen: Seen) -> None:
    claims.take(stage.acme, seen(), stage.bob, None, NOW)
    case = Case.objects.get()
    assert (case.holder, case.held_at, case.handed_by) == (stage.bob, NOW, None)


def test_a_second_claim_says_who_has_it(stage: Stage, seen: Seen) -> None:
    job = seen()
    claims.take(stage.acme, job, stage.bob, None, NOW)
    with pytest.raises(claims.Lost) as lost:
        claims.take(stage.acme, job, stage.alice, None, NOW)
    assert lost.value.holder == stage.bob
    assert Case.objects.get().holder == stage.bob


def test_a_case_can_be_taken_over_by_someone_who_saw_its_holder(stage: Stage, seen: Seen) -> None:
    job = seen()
    claims.take(stage.acme, job, stage.bob, None, NOW)
    claims.take(stage.acme, job, stage.alice, stage.bob.pk, NOW)
    assert Case.objects.get().holder == stage.alice


def test_claiming_twice_changes_nothing(stage: Stage, seen: Seen) -> None:
    job = seen()
    claims.take(stage.acme, job, stage.bob, None, NOW)
    before = Case.objects.get().version
    claims.take(stage.acme, job, stage.bob, None, NOW + timedelta(seconds=1))
    assert (Case.objects.get().version, Case.objects.get().held_at) == (before, NOW)


def test_only_the_holder_can_release(stage: Stage, seen: Seen) -> None:
    job = seen()
    claims.take(stage.acme, job, stage.bob, None, NOW)
    with pytest.raises(claims.Lost):
        claims.release(stage.acme, job, stage.alice, NOW)
    claims.release(stage.acme, job, stage.bob, NOW)
    assert Case.objects.get().holder is None


def test_a_colleague_handed_a_case_sees_by_whom(stage: Stage, seen: Seen) -> None:
    job = seen()
    claims.take(stage.acme, job, stage.bob, None, NOW)
    assert claims.hand_over(stage.acme, job, stage.bob, stage.bob.pk, stage.alice.pk, NOW) == stage.alice
    case = Case.objects.get()
    assert (case.holder, case.handed_by) == (stage.alice, stage.bob)
    claims.take(stage.acme, job, stage.bob, stage.alice.pk, NOW)
    assert Case.objects.get().handed_by is None


def test_a_case_cannot_be_handed_to_an_outsider(stage: Stage, seen: Seen) -> None:
    for who in (stage.charlie.pk, 0, 10**9):
        with pytest.raises(claims.NoMember):
            claims.hand_over(stage.acme, seen(), stage.bob, None, who, NOW)
    User.objects.filter(pk=stage.alice.pk).update(is_active=False)
    with pytest.raises(claims.NoMember):
        claims.hand_over(stage.acme, seen(), stage.bob, None, stage.alice.pk, NOW)


def test_claiming_a_done_case_reopens_it(stage: Stage, seen: Seen) -> None:
    job = seen()
    states.put(stage.acme, job, stage.bob, "done", NOW)
    claims.take(stage.acme, job, stage.bob, None, NOW)
    assert Case.objects.get().state == "open"


def test_leaving_the_team_releases_its_cases(stage: Stage, seen: Seen) -> None:
    claims.take(stage.acme, seen(), stage.bob, None, NOW)
    members.leave(stage.acme, stage.bob.pk)
    assert Case.objects.get().holder is None


def test_cases_of_a_deleted_user_stay(stage: Stage, seen: Seen) -> None:
    claims.take(stage.acme, seen(), stage.bob, None, NOW)
    stage.bob.delete()
    assert Case.objects.get().holder is None


def test_a_disabled_user_holds_no_case(stage: Stage, seen: Seen) -> None:
    claims.take(stage.acme, seen(), stage.bob, None, NOW)
    stage.bob.is_active = False
    stage.bob.save()
    case = Case.objects.get()
    assert (case.holder, case.held_at) == (None, None)


def test_one_of_ten_concurrent_claims_wins(stage: Stage, seen: Seen) -> None:
    job = seen("entry")
    people = [User.objects.create(username=f"agent{number}") for number in range(10)]
    Membership.objects.bulk_create(Membership(team=stage.acme, user=person) for person in people)

    def take(person: User) -> User | None:
        try:
            claims.take(stage.acme, job, person, None, NOW)
        except claims.Lost as lost:
            return lost.holder
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(10) as threads:
        told = list(threads.map(take, people))
    holder = Case.objects.get().holder
    assert told.count(None) == 1
    assert told.count(holder) == 9
    assert people[told.index(None)] == holder
