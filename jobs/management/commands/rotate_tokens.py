"""`manage.py rotate_tokens`"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from jobs import encryption
from jobs.encryption import Secret
from jobs.models import Snapshot, Token


class Command(BaseCommand):
    help = (
        "Seals every token and second factor again with the newest key and drops the snapshots sealed with older ones."
        " May be stopped and run again. An old key may be taken out of TOKEN_ENCRYPTION_KEYS when it says that none is"
        " left."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        moved = left = 0
        for token in Token.objects.exclude(sealed="").defer(None):
            if encryption.is_newest(token.sealed):
                continue
            try:
                sealed = encryption.seal(Secret(token.reveal()), token.place)
            except encryption.Unreadable:
                left += 1
                continue
            # Only if nobody replaced it meanwhile.
            moved += Token.objects.filter(pk=token.pk, sealed=token.sealed).update(sealed=sealed)
        left += self._second_factors()
        dropped, _ = Snapshot.objects.filter(body__isnull=False).delete()
        self.stdout.write(
            f"{moved} sealed again, {left} left under keys that are not here, {dropped} snapshot rows dropped."
        )
        if left:
            raise CommandError(
                f"{left} sealed values cannot be opened: keep the old keys, or set those tokens and factors again."
            )

    def _second_factors(self) -> int:
        """Seals the seeds of authenticator apps and recovery codes again; how many cannot be opened."""
        left = 0
        for factor in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN):
            name = "secret" if factor.type == Authenticator.Type.TOTP else "seed"
            sealed = factor.data.get(name, "")
            if "." not in sealed or encryption.is_newest(sealed):
                continue
            try:
                seed = encryption.unseal(sealed, encryption.SECOND_FACTOR)
            except encryption.Unreadable:
                left += 1
                continue
            factor.data[name] = encryption.seal(seed, encryption.SECOND_FACTOR)
            factor.save(update_fields=["data"])
        return left
