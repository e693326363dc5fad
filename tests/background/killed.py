"""`python -m tests.background.killed API_URL`: reads a workspace and is killed at every write in turn.

Each round starts a new job, kills a worker at its n-th write, lets all leases expire, and then lets two workers finish
the rest. The last round is the one whose n-th write is never reached. Prints a line per round.

It forks, so it is a separate process without threads and with its own database.
"""

import json
import os
import sys
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

MOST = 200  # writes of a worker
KEY, WORKSPACE = "es-quick", "de-live"


def main(api: str) -> None:
    _forked(_prepare)
    for number in range(1, MOST):
        job = _new_job(api)
        _forked(_let_time_pass)
        killed = _forked(lambda at=number: _work(at))
        _forked(_let_time_pass)
        together = [_begin(_work), _begin(_work)]
        ended = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in together]
        _forked(_let_time_pass)
        _forked(_work)
        found = _forked(lambda own=job: _check(own))
        print(json.dumps({"write": number, "job": job, "killed": killed, "ended": ended, "found": found}), flush=True)
        if killed != KILLED:
            return


KILLED = 9


def _forked(step: Callable[[], Any]) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(_begin(step), 0)[1])


def _begin(step: Callable[[], Any]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        code = step() or 0
    except BaseException as error:  # noqa: BLE001 (it must not go on as a second parent)
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        code = 1
    os._exit(code)


def _new_job(api: str) -> str:
    asked = urllib.request.Request(f"{api}/_simulator/jobs/{KEY}?speed=1000000&workspace={WORKSPACE}", method="POST")
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return str(json.load(answer)["id"])


def _prepare() -> None:
    from django.core.management import call_command

    from jobs.encryption import Secret
    from jobs.models import Team
    from jobs.simulator.tokens import tokens
    from jobs.teams import api_tokens

    call_command("migrate", verbosity=0)
    team = Team.objects.create(slug="acme", name="Acme")
    api_tokens.put_in_use(team, Secret(tokens()[WORKSPACE]), None)


def _work(kill_at: int = 0) -> None:
    """Does a worker's tasks until none is due."""
    from django.db import connection
    from django_tasks import DEFAULT_TASK_BACKEND_ALIAS
    from django_tasks_db.management.commands.db_worker import Worker

    from jobs import clock
    from jobs.background import enqueue

    writes = 0

    def count(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        nonlocal writes
        done = execute(sql, params, many, context)
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            writes += 1
            if writes == kill_at:
                os._exit(KILLED)
        return done

    with connection.execute_wrapper(count):
        enqueue.make_rows(clock.now())
        for _ in range(3):
            enqueue.enqueue_due(clock.now())
            Worker(
                queue_names=["*"], interval=0, batch=True, backend_name=DEFAULT_TASK_BACKEND_ALIAS,
                startup_delay=False, max_tasks=None, worker_id=f"w{os.getpid()}", excluded_queue_names=[],
            ).run()  # fmt: skip


def _let_time_pass() -> None:
    """Simulates some minutes: leases have expired, the queue has lost its tasks, the list is due."""
    from jobs import clock
    from jobs.models import JobToRead, Snapshot, Sweep, Work

    past = clock.now() - timedelta(seconds=1)
    Work.objects.filter(lease__isnull=False).update(lease_until=past)
    Work.objects.update(queued_until=None, due_at=past)
    Snapshot.objects.filter(lease__isnull=False).update(lease_until=past)
    Sweep.objects.update(list_at=None)
    JobToRead.objects.update(not_before=None)


def _check(job: str) -> int:
    """0 if the job is stored once and nothing is left over."""
    from jobs.models import JobRecord, JobToRead, Snapshot

    wrong = JobRecord.objects.filter(job_id=job, ended_at__isnull=False).count() != 1
    left = JobToRead.objects.exists() or Snapshot.objects.filter(lease__isnull=False).exists()
    return 10 * wrong + 20 * left


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    main(sys.argv[1])
