"""A server that misbehaves on purpose: everything that may come from where the API should be, one fault at a time.

    with MisbehavingServer() as server:
        server.fault = "U041"                       # the first variant of a row, for every request
        server.fault = "U041 body, a space a second"  # or one by its whole id
        server.misbehave(job_id, "U002")            # for one job alone (its id in the path); None: well again
        server.sequence(None, "U019", None)         # for every request in turn; None: a good answer; the last one stays
        server.requests                             # what was asked: path, headers, time, connection
        server.pace = 0.1                           # every pause lasts a tenth

`FAULTS` lists them all, `row("U041")` those of one row, `find(...)` one. A fault says in `expect` which class (or which
classes) the person may see: show, partial, stale, throttle, reject, auth, gone. `slow` ones need the client's deadline.
"""

from tests.misbehaving import (  # noqa: F401 (they fill the table)
    bodies,
    encodings,
    framing,
    over_time,
    redirects,
    statuses,
    texts,
    timing,
    tls,
)
from tests.misbehaving.exchange import Asked, Exchange
from tests.misbehaving.server import MisbehavingServer
from tests.misbehaving.table import FAULTS, Fault, find, row

__all__ = ["FAULTS", "Asked", "Exchange", "Fault", "MisbehavingServer", "find", "row"]
