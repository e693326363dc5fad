"""Addresses of channels: those that cannot be sent to are refused in the form."""

import socket
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from jobs import encryption
from jobs.encryption import Secret
from jobs.invopop.errors import APIError
from jobs.invopop.posting import post
from jobs.notifications import addresses, outbox
from tests.notifications.conftest import Make
from tests.notifications.receiver import Mailbox
from tests.notifications.test_outbox import write

GOOD = [
    "https://hooks.slack.com/services/T/B/x", "https://example.webhook.office.com/a?b=c", "https://8.8.8.8/hook",
    "https://example.com:8443/x", "HTTPS://Hooks.Example.com/x", "https://example.com./x", "https://a_b.example.com/",
    "https://[2606:4700::1]:8443/x", "https://xn--exmple-cua.com/", "https://example.com/%zz?x#y",
]  # fmt: skip
INSIDE = [
    "https://localhost/x", "https://127.0.0.1/x", "https://10.0.0.1/x", "https://10.0.0.1./x", "https://[::1]/x",
    "https://[fe80::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest", "https://printer.local/",
    "https://intranet/", "https://metadata.google.internal/", "https://100.64.0.1/", "https://wiki.home.arpa/",
    "https://2130706433/", "https://0x7f.1/", "https://127.1/", "https://0177.0.0.1/", "https://1.2.3.999/",
    "https://0x7f000001/", "https://a.invalid/",
]  # fmt: skip
NO_ADDRESS = [
    "", "https://", "javascript:alert(1)", "https://example.com:port/", "https://example.com:0/",
    "https://example.com:65536/", "https://a b.example.com/", "https://exa\nmple.com/", "https://exämple.com/",
    "\x01https://example.com/", "https://example.com/\x7f", "https://%6cocalhost/", "https://example.com\\x/",
    "https://[2606:4700::1%25eth0]/", "https://[2606:4700::1]x/", "https://[v1.a]/", "https://[example.com]/",
]  # fmt: skip
NO_NAME = [
    "https://*.example.com/", "https://.example.com/", "https://example..com/", "https://example.com../",
    'https://exam"ple.com/', "https://a,b.com/", "https://-a.com/", f"https://{'a' * 64}.com/",
    f"https://{'a.' * 127}com/",
]  # fmt: skip
NOT_HTTPS = [
    "//example.com",
    "http://hooks.slack.com/x",
    "ftp://example.com/",
    "https://user:pass@example.com/",
    "https://@example.com",
]


def refused(kind: str, address: str) -> str:
    with pytest.raises(ValidationError) as raised:
        addresses.check(kind, address)
    return raised.value.messages[0]


@pytest.mark.parametrize("address", GOOD)
def test_public_addresses_are_accepted(address: str) -> None:
    addresses.check("chat", address)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (INSIDE, "The address must be on the public internet, unless an operator allows it (CHANNEL_ORIGINS)."),
        (NO_ADDRESS, "This is not the address of a webhook."),
        (NO_NAME, "This is not a possible host name."),
        (NOT_HTTPS, "The address must begin with https:// and contain no user name."),
    ],
)
def test_others_are_refused_with_a_sentence(found: list[str], sentence: str) -> None:
    assert {address: refused("webhook", address) for address in found} == dict.fromkeys(found, sentence)


@given(st.text(st.sampled_from("aZ09.-_%[]:@\\/?#*, é\x01"), max_size=20))
def test_what_is_accepted_gets_as_far_as_the_resolver(host: str) -> None:
    """And with the checked host: two interpretations of a URL would bypass the checks."""
    address = f"https://{host}.example.com/hook"
    try:
        addresses.check("webhook", address)
    except ValidationError:
        return
    asked: list[str] = []

    def ask(name: str, *more: object, **options: object) -> None:
        asked.append(name)
        raise OSError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", ask)
        with pytest.raises(APIError):
            post(Secret(address), b"{}", {})
    assert [name.lower() for name in asked] == [urlsplit(address).hostname]


@pytest.mark.parametrize("address", ["support@example.com", "support@chat.local", "support@exämple.com"])
def test_a_mailbox_is_an_email_address(address: str) -> None:
    addresses.check("mail", address)


@pytest.mark.parametrize(
    "address",
    [
        "support", "support@example.com\nBcc: all@example.com", "support@localhost", "support@[127.0.0.1]",
        f"support@{'é' * 60}.com", "support@。.com", f"{'a' * 65}@example.com", f"support@{'b' * 60}{'.c' * 100}.com",
    ],
)  # fmt: skip
def test_a_mailbox_that_no_mail_can_be_sent_to_is_refused(address: str) -> None:
    assert address not in refused("mail", address)


@pytest.mark.parametrize("origin", ["http://Chat.internal:8080", "https://chat"])
def test_an_origin_that_the_operator_names_may_be_inside(settings: Any, origin: str) -> None:
    settings.CHANNEL_ORIGINS = [origin]
    addresses.check("webhook", f"{origin}/hook")
    refused("webhook", f"{origin}1/hook")


@pytest.mark.parametrize(("kind", "address"), [("chat", "http://127.0.0.1:1/x"), ("mail", f"a@{'é' * 60}.com")])
def test_what_an_older_rule_let_in_is_not_sent_to(make: Make, mailbox: Mailbox, kind: str, address: str) -> None:
    """A mail to a domain that cannot be encoded raised at each attempt, and "Send a test" returned a 500."""
    channel = make(kind, "" if kind == "chat" else "support@example.com")
    channel.sealed = encryption.seal(Secret(address), channel.place)
    channel.save()
    write(channel)
    outbox.deliver_due()
    channel.refresh_from_db()
    assert channel.reason == "address refused"
