"""`manage.py rotate_tokens`"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from jobs import encryption
from jobs.cases import key_rotation as case_keys
from jobs.encryption import Secret
from jobs.failures import saved_views
from jobs.models import Snapshot, Token, WorkflowCopy
from jobs.notifications import channels
from jobs.records import key_rotation as record_keys

_MODULES = (case_keys, record_keys, channels, saved_views)


class Command(BaseCommand):
    help = (
        "Seals every token, second factor, note, ticket link, record, channel and saved view again with the newest key"
        " and drops all copies, which the API has anyway. May be stopped and run again. An old key may be taken out of"
        " TOKEN_ENCRYPTION_KEYS when it says that none is left."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        moved = self._tokens() + self._second_factors() + sum(module.reseal() for module in _MODULES)
        dropped, _ = Snapshot.objects.filter(body__isnull=False).delete()
        WorkflowCopy.objects.all().delete()
        # Counted again, because other processes may have written with old keys meanwhile.
        old = chain(_old_tokens(), _old_factors(), *(module.under_old_keys() for module in _MODULES))
        left = sum(1 for _ in old)
        self.stdout.write(f"{moved} sealed again, {left} left under other keys, {dropped} snapshot rows dropped.")
        if left:
            raise CommandError(
                f"{left} sealed values are not under the newest key: keep the old keys and run this again; what cannot"
                " be opened, set again."
            )
        self.stdout.write("The older keys may be taken out of TOKEN_ENCRYPTION_KEYS.")

    def _tokens(self) -> int:
        moved = 0
        for token in _old_tokens():
            try:
                sealed = encryption.seal(Secret(token.reveal()), token.place)
            except encryption.Unreadable:
                continue
            # Only if it was not replaced meanwhile.
            moved += Token.objects.filter(pk=token.pk, sealed=token.sealed).update(sealed=sealed)
        return moved

    def _second_factors(self) -> int:
        """The seeds of authenticator apps and recovery codes."""
        moved = 0
        for factor, name in _old_factors():
            try:
                seed = encryption.unseal(factor.data[name], encryption.SECOND_FACTOR)
            except encryption.Unreadable:
                continue
            data = factor.data | {name: encryption.seal(seed, encryption.SECOND_FACTOR)}
            # Only if unchanged: a recovery code used meanwhile must stay used.
            moved += Authenticator.objects.filter(pk=factor.pk, data=factor.data).update(data=data)
        return moved


def _old_tokens() -> Iterator[Token]:
    for token in Token.objects.exclude(sealed="").defer(None):
        if not encryption.is_newest(token.sealed):
            yield token


def _old_factors() -> Iterator[tuple[Authenticator, str]]:
    """Factors under an old key, with the name of the encrypted field; values without a dot were never encrypted."""
    for factor in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
        name = "secret" if factor.type == Authenticator.Type.TOTP else "seed"
        sealed = factor.data.get(name, "")
        if "." in sealed and not encryption.is_newest(sealed):
            yield factor, name
