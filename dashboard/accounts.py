"""How people come in: no open sign-up; accounts are made by an operator, an invitation or single sign-on."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from jobs.http import client_address


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """For limits and the list of sessions. Behind a socket, with no proxy told of, all share one address."""
        return client_address(request) or "0.0.0.0"  # noqa: S104
