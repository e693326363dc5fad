"""Where a host may be reached: resolved in time, and never inside our own network where outsiders named it."""

import ipaddress
import socket
import threading
from concurrent.futures import Future
from typing import Any

Address = tuple[socket.AddressFamily, Any]

# Ways to write an IPv4 address inside an IPv6 one that the standard library calls global: 6to4 and NAT64.
_CARRIERS = tuple(map(ipaddress.ip_network, ("2002::/16", "64:ff9b::/96")))

_asked: dict[tuple[str, int | None], "Future[list[Address]]"] = {}
_lock = threading.Lock()


def resolved(host: str, port: int | None, seconds: float) -> list[Address]:
    """The addresses of a host. Raises TimeoutError after so many seconds, OSError where there are none.

    The resolver cannot be interrupted, so it works in a thread of its own. All who ask for a host that is being
    resolved wait for the same thread: a resolver that hangs holds one thread a host, however many ask.
    """
    answer, is_ours = _question(host, port)
    if is_ours:
        _start(answer, host, port)
    return answer.result(seconds)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not loopback, private, link-local, multicast or reserved."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    return not any(ip in network for network in _CARRIERS if ip.version == network.version)


def _question(host: str, port: int | None) -> tuple["Future[list[Address]]", bool]:
    with _lock:
        waiting = _asked.get((host, port))
        if waiting is not None:
            return waiting, False
        _asked[host, port] = answer = Future[list[Address]]()
        return answer, True


def _start(answer: "Future[list[Address]]", host: str, port: int | None) -> None:
    try:
        threading.Thread(target=_resolve, args=(answer, host, port), name="resolver", daemon=True).start()
    except RuntimeError:  # no thread to be had: nobody must wait for one that never began
        with _lock:
            del _asked[host, port]
        answer.set_exception(OSError("no thread"))


def _resolve(answer: "Future[list[Address]]", host: str, port: int | None) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        answer.set_exception(OSError("no such host"))
    else:
        answer.set_result([(family, address) for family, _, _, _, address in found])
    finally:
        with _lock:
            del _asked[host, port]
