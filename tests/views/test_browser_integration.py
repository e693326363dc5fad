"""The address bar, the manifest and sharing."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.teams.test_access import JOB

SPACE = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_opensearch_points_to_the_look_up_box(client: Client, db: None) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.headers["Content-Type"] == "application/opensearchdescription+xml"
    found = ET.fromstring(answer.content)
    url = found.find(f"{SPACE}Url")
    assert url is not None
    assert url.attrib["template"] == "http://testserver/?q={searchTerms}"
    name = found.find(f"{SPACE}ShortName")
    assert name is not None
    assert 0 < len(name.text or "") <= 16


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_manifest_is_in_the_readers_language(client: Client, db: None, language: str) -> None:
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": language})
    body = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert body["lang"] == language
    assert (body["start_url"], body["display"]) == ("/", "standalone")
    for icon in body["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in body["icons"]}


def test_pages_link_both(as_bob: Client) -> None:
    page = as_bob.get("/teams/acme/").content.decode()
    assert 'rel="manifest" href="/manifest.webmanifest"' in page
    assert 'href="/opensearch.xml"' in page


class TestSharing:
    def share(self, client: Client, **shared: str) -> Any:
        return client.post("/share/", shared)

    def test_a_shared_link_leads_to_its_job(self, as_bob: Client) -> None:
        answer = self.share(as_bob, title="A job", text="", url=f"https://console.invopop.com/x/jobs/{JOB}?secret=1")
        assert answer.status_code == 302
        assert parse_qs(urlsplit(answer.headers["Location"]).query)["q"] == [JOB]

    def test_an_empty_share_leads_to_the_box(self, as_bob: Client) -> None:
        assert self.share(as_bob).headers["Location"] == "/"

    def test_a_shared_api_key_is_not_looked_up(self, as_bob: Client) -> None:
        key = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "A" * 86
        assert "eyJ" not in self.share(as_bob, text=key).headers["Location"]

    def test_shared_text_is_not_in_the_address(self, as_bob: Client) -> None:
        said = "Juan Pérez says that FS-26-001208 has not come"
        answer = self.share(as_bob, title="Mail", text=said)
        assert answer.status_code == 200
        assert "Location" not in answer.headers

    def test_sharing_requires_signing_in(self, client: Client, db: None) -> None:
        assert self.share(client, text=JOB).headers["Location"].startswith("/accounts/login/")

    def test_a_share_needs_no_csrf_token(self, stage: Any) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(stage.bob)
        assert self.share(client, text=JOB).status_code == 302
