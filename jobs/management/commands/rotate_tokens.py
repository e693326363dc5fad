"""`manage.py rotate_tokens`"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs import encryption
from jobs.encryption import Secret
from jobs.models import Snapshot, Token


class Command(BaseCommand):
    help = (
        "Seals every token again with the newest key and drops the snapshots sealed with older ones. May be stopped and"
        " run again. An old key may be taken out of TOKEN_ENCRYPTION_KEYS when it says that none is left."
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
        dropped, _ = Snapshot.objects.filter(body__isnull=False).delete()
        self.stdout.write(
            f"{moved} sealed again, {left} left under keys that are not here, {dropped} snapshot rows dropped."
        )
        if left:
            raise CommandError(f"{left} tokens cannot be opened: keep the old keys, or set those tokens again.")
