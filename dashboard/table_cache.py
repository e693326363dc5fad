"""The cache in the database, where limits on attempts are counted when there is no Redis."""

from datetime import datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connections, router, transaction
from django.db.backends.utils import CursorWrapper


class TableCache(DatabaseCache):
    """Counts exactly, and keeps the limits that last; Django's does neither."""

    _table: str

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Raises OperationalError when the table takes no writes.

        Django's says False then, as it does for a key that is there already. On a full disk every limit would look used
        up, and everybody who signs in would read "too many attempts".
        """
        is_added = super().add(key, value, timeout, version)
        if not is_added and not self.has_key(key, version):
            raise OperationalError("the table of the cache takes no writes")
        return is_added

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Requests that count at once are all counted. Raises ValueError where there is no such key."""
        database = router.db_for_write(self.cache_model_class)
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            if connections[database].features.has_select_for_update:  # elsewhere a transaction has all for itself
                query = f"SELECT 1 FROM {self._table} WHERE cache_key = %s FOR UPDATE"  # noqa: S608
                cursor.execute(query, [self.make_and_validate_key(key, version)])
            return super().incr(key, delta, version)

    def _cull(self, db: str, cursor: CursorWrapper, now: datetime, num: int) -> None:
        """A third goes that would go soonest anyway: who floods the table with limits of a minute does not take away
        those of an hour, above all those on passwords."""
        at = connections[db].ops.adapt_datetimefield_value(now)
        cursor.execute(f"DELETE FROM {self._table} WHERE expires < %s", [at])  # noqa: S608
        left = num - cursor.rowcount
        if left > self._max_entries:
            nth = f"SELECT expires FROM {self._table} ORDER BY expires LIMIT 1 OFFSET %s"  # noqa: S608
            cursor.execute(f"DELETE FROM {self._table} WHERE expires <= ({nth})", [left // 3])  # noqa: S608
