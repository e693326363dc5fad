"""The owner of an account. An unverified address is only a claim: it blocks nobody.

It ends, together with the sessions of the person who claimed it, when somebody verifies the address.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed, password_reset
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext as _

from dashboard.accounts.sessions import end_sessions
from jobs.teams import people

SECOND_STEP_ONLY = "second_step_only"  # in the data of a passkey that is now only a second factor


@transaction.atomic
def prove(user: User, address: str, *, replaces_others: bool = False) -> bool:
    """Verifies the user's address; with `replaces_others`, as the only one. False if someone else has verified it."""
    owner = people.owner_of(address)
    if owner is not None and owner != user:
        return False
    drop_claims(address, but=user)
    if replaces_others:
        EmailAddress.objects.filter(user=user).exclude(email=address).delete()
    proved, _made = EmailAddress.objects.update_or_create(user=user, email=address, defaults={"verified": True})
    proved.set_as_primary(conditional=not replaces_others)
    return True


def drop_claims(address: str, but: User | None = None) -> None:
    """Removes an address from all accounts that have not verified it, and signs them out."""
    claims = EmailAddress.objects.filter(email=address, verified=False)
    claimants = User.objects.filter(Q(email__iexact=address) | Q(pk__in=claims.values("user")))
    for claimant in claimants.exclude(pk=but.pk if but else 0):
        claims.filter(user=claimant).delete()
        User.objects.filter(pk=claimant.pk, email__iexact=address).update(email="")
        end_sessions_and_sign_on(claimant)


def end_sessions_and_sign_on(user: User) -> None:
    """Ends sessions and single sign-on; passkeys stay as a second factor only."""
    end_sessions(user)
    SocialAccount.objects.filter(user=user).delete()
    for passkey in Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN):
        passkey.data[SECOND_STEP_ONLY] = True
        passkey.save(update_fields=["data"])


def who_may_reset(address: str) -> list[User]:
    """Who gets a link to reset a password: the owner of the address; without one, those who claim it and have no
    verified address, such as invited people.
    """
    owner = people.owner_of(address)
    if owner is not None:
        return [owner] if owner.is_active else []
    with_proof = EmailAddress.objects.filter(verified=True).values("user")
    return list(User.objects.filter(email__iexact=address, is_active=True).exclude(pk__in=with_proof))


@receiver(pre_save, sender=User)
def _keep_canonical(instance: User, raw: bool = False, update_fields: Any = None, **given: Any) -> None:
    """Stores names in canonical form, for accounts from forms, commands and providers. Raises ValidationError."""
    if raw or (update_fields is not None and "username" not in update_fields):
        return
    clean = people.clean_new_name if instance.pk is None else people.clean_name
    instance.username = clean(instance.username)
    if User.objects.filter(username=instance.username).exclude(pk=instance.pk or 0).exists():
        raise ValidationError(_("A user with that username already exists."), code="unique")


@receiver(email_confirmed)
def _proved_by_link(email_address: EmailAddress, **given: Any) -> None:
    drop_claims(email_address.email, but=email_address.user)


@receiver(password_reset)
def _proved_by_reset(request: HttpRequest, user: User, **given: Any) -> None:
    """Verifies the claimed address that a reset link was sent to.

    The account's creator may be somebody else, so all their ways to sign in end. A second factor stays, because a
    mailbox alone must not be enough.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True)
    if not proved.filter(email__iexact=user.email).exists():
        end_sessions_and_sign_on(user)
        if user.email and not proved.exists():
            prove(user, user.email.lower(), replaces_others=True)
    get_adapter(request).forget_wrong_passwords(request, user)
