"""Faults of statuses, redirects, timing, framing and encoding: told rightly, in time, and leaving nothing behind."""

import pytest

from tests.invopop.asking import check
from tests.misbehaving import Fault, MisbehavingServer, row

ROWS = [f"U{number:03d}" for number in [*range(1, 48), *range(49, 69), 141, 149]]


@pytest.mark.parametrize("fault", [fault for name in ROWS for fault in row(name)], ids=str)
def test_the_client_tells_what_it_met(server: MisbehavingServer, fault: Fault) -> None:
    check(server, fault)
