"""Every fault of the table, met by the client: the right class, in time, with nothing told and nothing left behind."""

import pytest

from tests.invopop.asking import check
from tests.misbehaving import FAULTS, Fault, MisbehavingServer

SINGLE = [fault for fault in FAULTS if not {"U088"} & {fault.row}]


@pytest.mark.parametrize("fault", SINGLE, ids=str)
def test_the_client_tells_what_it_met(server: MisbehavingServer, fault: Fault) -> None:
    check(server, fault)
