"""How many connections each process of this server has open, so that all of them get a similar number.

The system wakes all processes for a new connection, and without this the fastest gets nearly all of them. Browsers and
proxies keep their connections open, so it would stay the busiest.
"""

import mmap

SLOTS = 256  # more processes than a server has
_open = memoryview(mmap.mmap(-1, 4 * SLOTS)).cast("I")  # connections + 1; 0 = no process. Shared with forked processes


def report(process: int, connections: int) -> None:
    _open[process % SLOTS] = connections + 1


def forget(process: int) -> None:
    _open[process % SLOTS] = 0


def is_above_least(process: int) -> bool:
    """Whether another process has fewer connections."""
    own = _open[process % SLOTS]
    return any(0 < connections < own for connections in _open)
