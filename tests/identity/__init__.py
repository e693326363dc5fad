"""A real OpenID Connect provider in its own process on loopback: allauth's, with three people who may sign in."""

import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

ROOT = Path(__file__).resolve().parents[2]
CLIENT, SECRET, PASSWORD = "dashboard", "known-to-both-and-nobody-else-at-all", "her own password there"
PEOPLE = {
    "dora@example.com": True,
    "erin@example.com": False,
    "fred@elsewhere.example": True,
}  # is the address verified
REDIRECT = "http://testserver/accounts/oidc/sso/login/callback/"


class Identity:
    """`with Identity() as identity: …`; `identity.url` is its issuer."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.identity"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        assert self.url, "it did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def signed_in(self, email: str) -> requests.Session:
        """The browser of somebody who has typed the password over there."""
        browser, address = requests.Session(), self.url + "/accounts/login/"
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get(address, timeout=10).text)
        assert found is not None
        typed = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
        answer = browser.post(address, typed, headers={"Referer": address}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return browser
