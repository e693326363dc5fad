"""Links to reset a password. They depend on password, last sign-in and addresses, so they work once, for one person."""

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator


class ResetTokens(PasswordResetTokenGenerator):
    """Like allauth's, without a database row for every link that is tried."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        from allauth.account.models import EmailAddress  # noqa: PLC0415 (allauth asks for this class while it starts)

        addresses = {*EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)}
        addresses.add(user.email)
        return super()._make_hash_value(user, timestamp) + "|".join(sorted(filter(None, addresses)))
