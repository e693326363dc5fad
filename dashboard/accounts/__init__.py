"""How people sign in, and how long they stay signed in."""

from dashboard.accounts.adapters import Backend

__all__ = ["Backend"]
