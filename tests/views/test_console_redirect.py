"""Links to the Invopop console."""

from django.test import Client

from jobs.models import Token
from jobs.simulator.server import Simulator
from tests.lookup.asking import job_json


class TestConsole:
    def test_the_folder_is_fetched_on_click(self, bob: Client, job_id: str, simulator: Simulator) -> None:
        page, entry = bob.get(f"/teams/acme/jobs/{job_id}/").content.decode(), job_json(bob, job_id)["silo_entry_id"]
        assert f'href="/teams/acme/jobs/{job_id}/console/"' in page
        Token.objects.update(workspace_slug="faro-del-sur")
        simulator.requests.clear()
        for _ in range(2):
            answer = bob.get(f"/teams/acme/jobs/{job_id}/console/")
            assert answer.headers["Location"] == f"https://console.invopop.com/faro-del-sur/silo/invoices/{entry}"
        assert simulator.requests.count(f"/silo/v1/entries/{entry}") == 1

    def test_an_unknown_folder_is_explained_on_the_page(self, bob: Client, job_id: str, simulator: Simulator) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        simulator.misbehave("/silo/v1/entries", "503")
        try:
            page = bob.get(f"/teams/acme/jobs/{job_id}/console/", follow=True).content.decode()
        finally:
            simulator.misbehave("/silo/v1/entries", None)
        assert "did not say where the entry is" in page
