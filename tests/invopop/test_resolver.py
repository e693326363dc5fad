# ruff: noqa: E501 (tables of addresses)
"""Resolving hosts: within a time limit, and only public addresses."""

import socket

import pytest

from jobs.invopop import resolver


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "ff02::1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:db8::1", "not an address", "",
    ],
)  # fmt: skip
def test_these_addresses_are_not_public(address: str) -> None:
    assert not resolver.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "104.18.2.3", "2606:4700::1111"])
def test_these_addresses_are_public(address: str) -> None:
    assert resolver.is_public(address)


def test_a_host_resolves_to_addresses() -> None:
    found = resolver.resolved("127.0.0.1", 80, 5)
    assert (socket.AF_INET, ("127.0.0.1", 80)) in found


def test_an_invalid_name_has_no_address() -> None:
    with pytest.raises(OSError, match="no such host"):
        resolver.resolved("a" * 100 + ".example", 80, 5)


def test_a_finished_resolution_is_forgotten() -> None:
    with pytest.raises(OSError, match="no such host"):
        resolver.resolved("a" * 100 + ".example", 81, 5)
    assert ("a" * 100 + ".example", 81) not in resolver._asked
