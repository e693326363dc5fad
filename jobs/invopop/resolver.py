"""Resolves a host within a time limit, and checks whether addresses are public."""

import ipaddress
import socket
import threading
from concurrent.futures import Future
from typing import Any

Address = tuple[socket.AddressFamily, Any]

# IANA's special-purpose address registries, including 6to4 and Teredo, which contain an IPv4 address.
# Only 2000::/3 of IPv6 is public; the rest is refused: local, site-local, multicast, NAT64.
_SPECIAL_4 = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"""
_SPECIAL_6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
_SPECIAL = tuple(map(ipaddress.ip_network, f"{_SPECIAL_4} {_SPECIAL_6}".split()))
_GIVEN_OUT = ipaddress.ip_network("2000::/3")

_asked: dict[tuple[str, int | None], "Future[list[Address]]"] = {}
_lock = threading.Lock()


def resolved(host: str, port: int | None, seconds: float) -> list[Address]:
    """The addresses of a host. Raises TimeoutError after so many seconds, OSError if there are none.

    The system resolver cannot be interrupted, so it runs in its own thread. Concurrent calls for a host wait for the
    same thread: if the resolver hangs, it holds one thread per host.
    """
    answer, is_ours = _question(host, port)
    if is_ours:
        _start(answer, host, port)
    return answer.result(seconds)


def is_public(address: str) -> bool:
    """Whether an IP address is public: not loopback, private, link-local, multicast or reserved."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.is_multicast or ip.is_reserved or not ip.is_global or (ip.version == 6 and ip not in _GIVEN_OUT):
        return False
    return not any(ip in network for network in _SPECIAL if ip.version == network.version)


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
    except RuntimeError:  # no thread could be started: nobody must wait for it
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
