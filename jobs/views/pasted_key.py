"""The warning after an API key was pasted into the look-up box."""

from django.contrib import messages
from django.utils.translation import gettext as _

from jobs.http import Request


def warn_of_key(request: Request) -> None:
    messages.warning(
        request,
        _(
            "What you pasted holds an API key. The key was not looked up and is not kept here. If anybody else may have"
            " seen it, revoke it in the Invopop console; a manager enters the new one in the team’s settings."
        ),
    )
