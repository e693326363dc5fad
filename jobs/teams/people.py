"""Finds people by user name or e-mail address.

Text with an @ is an address, and means the person who verified it. User names never contain one, and are unique
regardless of case and Unicode form.
"""

import unicodedata

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}  # alphabets with similar letters


def canonical(name: str) -> str:
    """The stored form of a user name: case-folded and normalized."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def clean_name(name: str) -> str:
    """The canonical form. Raises ValidationError for text that looks like an address."""
    name = canonical(name)
    if "@" in name:
        raise ValidationError(_("A user name cannot contain @."), code="invalid")
    return name


def clean_new_name(name: str) -> str:
    """The same for a new account, whose name must not resemble an existing one."""
    name = clean_name(name)
    alphabets = {unicodedata.name(letter, "").partition(" ")[0] for letter in name}
    if len(alphabets & LOOK_ALIKE) > 1:
        raise ValidationError(_("A user name cannot mix alphabets."), code="invalid")
    return name


def find(typed: str) -> User | None:
    """The person with this user name or verified address."""
    name = canonical(typed.strip())
    if "@" in name:
        return owner_of(typed)
    return User.objects.filter(username=name).first()


def owner_of(address: str) -> User | None:
    """The person who has verified this address."""
    proved = EmailAddress.objects.filter(email=address.strip().lower(), verified=True).select_related("user").first()
    return proved.user if proved else None
