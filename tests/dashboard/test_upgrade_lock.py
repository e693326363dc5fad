"""Of concurrent processes one holds the lock and the others wait, on SQLite and PostgreSQL."""

import threading

import pytest
from django.db import OperationalError, connection

from dashboard.upgrade_lock import one_at_a_time, wait_for_database


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first() -> None:
    order, inside = [], threading.Event()

    def second() -> None:
        inside.wait(10)
        with one_at_a_time():
            order.append("second")
        connection.close()

    thread = threading.Thread(target=second)
    thread.start()
    with one_at_a_time():
        inside.set()
        thread.join(0.3)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_a_failure_inside_releases_the_lock() -> None:
    with pytest.raises(ValueError, match="half way"), one_at_a_time():
        raise ValueError("half way")
    with one_at_a_time():
        pass


@pytest.mark.django_db(transaction=True)
def test_releasing_the_lock_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with one_at_a_time():
        pass
    assert caplog.text == ""


@pytest.mark.django_db
def test_a_responding_database_is_not_waited_for() -> None:
    wait_for_database(0)


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_database_is_reported() -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("nobody is there")

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError, match="nobody is there"):
        wait_for_database(-1)
