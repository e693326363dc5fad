"""A link to reset a password works once, for one person."""

import json
import re
from typing import Any

from django.core import mail
from django.test import Client

from tests.conftest import Stage
from tests.security.tables import contents


def test_the_key_of_a_reset_link_is_not_stored(stage: Stage, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.security.with_mail"
    client = Client()
    client.post("/accounts/password/reset/", {"email": "bob@example.com"})
    found = re.search(r"/reset/key/\w+?-([\w-]+)/", str(mail.outbox[-1].body))
    assert found
    client.get(f"/accounts/password{found[0]}")
    assert client.session["_password_reset_key"] == found[1]
    assert found[1] not in json.dumps(contents())
