"""Creates the people and the client, prints its URL on the first line, and serves until it is ended."""

import os
from wsgiref.simple_server import WSGIRequestHandler, make_server

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.identity.settings"

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from tests.identity import CLIENT, PASSWORD, PEOPLE, REDIRECT, SECRET


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def prepare() -> None:
    from allauth.account.models import EmailAddress
    from allauth.idp.oidc.models import Client
    from django.contrib.auth.models import User

    call_command("migrate", verbosity=0)
    for email, verified in PEOPLE.items():
        person = User.objects.create_user(email.partition("@")[0], email, PASSWORD)
        EmailAddress.objects.create(user=person, email=email, verified=verified, primary=True)
    client = Client(id=CLIENT, scopes="openid\nprofile\nemail", redirect_uris=REDIRECT, skip_consent=True)
    client.set_secret(SECRET)
    client.save()


application = get_wsgi_application()
prepare()
with make_server("127.0.0.1", 0, application, handler_class=Quiet) as server:
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
