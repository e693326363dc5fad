"""allauth's forms with additional checks."""

import hashlib
import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter as get_second_factor_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal.auth import get_state, parse_authentication_response
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from fido2.webauthn import AuthenticatorData

from dashboard.accounts import identity
from dashboard.accounts.sessions import COOKIE_AGE

log = logging.getLogger("dashboard.accounts.forms")
LAST_COUNTER = "last_counter"  # in the data of an authenticator app: the time step of the last code used
SIGNATURES = "signatures"  # in the data of a passkey: its signature counter at the last use


class SignInForm(LoginForm):  # type: ignore[misc]
    """Adds autocomplete hints for browsers and password managers; ties errors to both fields."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        if not self.is_bound:
            self.fields["login"].widget.attrs["autofocus"] = True
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.non_field_errors():
            for name in ("login", "password"):
                self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "sign-in-errors"}


class PasswordChangeForm(ChangePasswordForm):  # type: ignore[misc]
    def clean_oldpassword(self) -> str:
        """Counts a wrong password like one at sign-in."""
        typed: str = self.cleaned_data["oldpassword"]
        if not get_adapter(context.request).reauthenticate(self.user, typed):
            raise get_adapter().validation_error("enter_current_password")
        return typed


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]
    def clean_email(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["email"].lower())
        self.users = identity.who_may_reset(address)
        return address


class Credential(forms.JSONField):
    """A passkey's response. Other JSON, too deep nesting or too long numbers are an ordinary error."""

    def to_python(self, value: Any) -> Any:
        try:
            found = super().to_python(value)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not found:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial  # each attempt needs another response


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    credential = Credential(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        with _ordinary_failure():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class SignedHere(forms.Form):
    """Checks that a passkey signed on this site, not on a subdomain, and that it was not copied."""

    credential = Credential(widget=forms.HiddenInput)

    def clean_credential(self) -> Authenticator:
        signed = self.cleaned_data["credential"]
        with _ordinary_failure():
            authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
            answer = parse_authentication_response(signed).response
        if not (_is_ours(answer.client_data.origin) and _has_signed_more(authenticator, answer.authenticator_data)):
            raise get_second_factor_adapter().validation_error("incorrect_code")
        return authenticator


class PasskeyForm(SignedHere, LoginWebAuthnForm):  # type: ignore[misc]
    """Records the use of a passkey, because the challenge is stored in the browser."""

    def clean_credential(self) -> Authenticator:
        challenge = str((get_state() or {}).get("challenge", ""))
        authenticator: Authenticator = super().clean_credential()
        used = f"passkey:{hashlib.sha256(challenge.encode()).hexdigest()}"
        if authenticator.data.get(identity.SECOND_STEP_ONLY) or not cache.add(used, True, COOKIE_AGE):
            raise get_second_factor_adapter().validation_error("incorrect_code")
        return authenticator


class PasskeySecondForm(SignedHere, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class PasskeyAgainForm(SignedHere, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass


@contextmanager
def _ordinary_failure() -> Iterator[None]:
    """Turns what the parsers of passkeys raise for invalid data into an error of the form."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error):
        raise get_second_factor_adapter().validation_error("incorrect_code") from None


def _is_ours(origin: str) -> bool:
    """Whether the origin is this site's, by Django's rules for forms. The scheme is already checked."""
    return urlsplit(origin).netloc == context.request.get_host() or origin in settings.CSRF_TRUSTED_ORIGINS


def _has_signed_more(authenticator: Authenticator, answer: AuthenticatorData) -> bool:
    """Whether the signature counter has grown since the last use; otherwise the key was copied to another device.

    Passkeys shared by a person's devices always send 0. [WebAuthn, 7.2]
    """
    with transaction.atomic():
        latest = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        before = latest.data.get(SIGNATURES, latest.wrap().authenticator_data.counter)
        if answer.counter > before:
            latest.data[SIGNATURES] = answer.counter
            latest.save(update_fields=["data"])
    if answer.counter <= before and (answer.counter or before):
        log.warning("passkey %s was refused: its counter did not grow, so it may have been copied", authenticator.pk)
        return False
    return True


class OneCodeOnce:
    """Accepts a code only once: also for concurrent requests, after allauth's cache was cleared, and after a clock was
    set back.
    """

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        error = None
        with transaction.atomic():
            list(Authenticator.objects.select_for_update().filter(user=self.user))  # concurrent requests wait here
            try:
                code: str = super().clean_code()  # type: ignore[misc]
                if not self._is_later(code):
                    error = get_second_factor_adapter().validation_error("incorrect_code")
            except ValidationError as refused:  # raised outside the transaction, or the attempt would not be counted
                error = refused
        if error is not None:
            raise error
        return code

    def _is_later(self, code: str) -> bool:
        """Whether an app's code is of a later time step than the last one used, which it then replaces."""
        if self.authenticator.type != Authenticator.Type.TOTP:
            return True
        data = self.authenticator.data
        seed = decrypt(data["secret"])
        codes = {counter: format_hotp_value(hotp_value(seed, counter)) for counter in yield_hotp_counters_from_time()}
        counter = max((at for at, right in codes.items() if compare_user_code(actual=code, expected=right)), default=0)
        is_later: bool = counter > data.get(LAST_COUNTER, 0)
        if is_later:
            data[LAST_COUNTER] = counter
            self.authenticator.save(update_fields=["data"])
        return is_later


class CodeForm(OneCodeOnce, AuthenticateForm):  # type: ignore[misc]
    pass


class CodeAgainForm(OneCodeOnce, ReauthenticateForm):  # type: ignore[misc]
    pass
