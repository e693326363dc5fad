"""Query conditions on the holder and state of jobs' cases."""

from django.db.models import Q, QuerySet

from jobs.models import Case, CaseJob, Team

NOBODY = "nobody"
_PERSON = "user:"  # before the name of a person who is called like NOBODY; no user name contains a colon


def person(name: str) -> str:
    """The value that stands for the person with that user name."""
    return f"{_PERSON}{name}" if name == NOBODY else name


def held(team: Team) -> Q:
    """For rows with `job_id` and `entry_id`: the case has a holder and is not done."""
    return _of(Case.objects.filter(team=team, holder__isnull=False).exclude(state=Case.State.DONE))


def held_by(team: Team, name: str) -> Q:
    """Held by that `person`; for NOBODY, not held and not done."""
    if name == NOBODY:
        cases = Case.objects.filter(team=team)
        return ~_of(cases.filter(Q(holder__isnull=False) | Q(state=Case.State.DONE)))
    return _of(Case.objects.filter(team=team, holder__username=name.removeprefix(_PERSON)))


def in_state(team: Team, state: str) -> Q:
    return _of(Case.objects.filter(team=team, state=state))


def _of(cases: "QuerySet[Case]") -> Q:
    documents = cases.exclude(entry_id="").values("entry_id")
    return Q(entry_id__in=documents) | Q(job_id__in=CaseJob.objects.filter(case__in=cases).values("job_id"))
