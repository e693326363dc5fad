"""The cache in the database, for rate limits without Redis."""

import base64
import pickle
from datetime import datetime
from typing import Any, ClassVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connections, router, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone


class TableCache(DatabaseCache):
    """Counts exactly and evicts short limits first, unlike Django's."""

    _table: str
    pickle_protocol: ClassVar[int]

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Raises OperationalError if the table is read-only.

        Django's returns False then, as for an existing key. On a full disk every limit would look exhausted, and every
        sign-in would fail with "too many attempts".
        """
        is_added = super().add(key, value, timeout, version)
        if not is_added and not self.has_key(key, version):
            raise OperationalError("the table of the cache takes no writes")
        return is_added

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Counts concurrent requests exactly, until the key expires. Raises ValueError if it does not exist."""
        database = router.db_for_write(self.cache_model_class)
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            made = self.make_and_validate_key(key, version)
            at = connections[database].ops.adapt_datetimefield_value(timezone.now())
            # In SQLite a transaction has exclusive access.
            lock = "FOR UPDATE" if connections[database].features.has_select_for_update else ""
            found = f"SELECT value FROM {self._table} WHERE cache_key = %s AND expires > %s {lock}"  # noqa: S608
            cursor.execute(found, [made, at])
            row = cursor.fetchone()
            if row is None:
                raise ValueError(f"no key {key!r}")
            value: int = pickle.loads(base64.b64decode(row[0])) + delta  # noqa: S301 (as Django reads its own)
            packed = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode()
            cursor.execute(f"UPDATE {self._table} SET value = %s WHERE cache_key = %s", [packed, made])  # noqa: S608
            return value

    def _cull(self, db: str, cursor: CursorWrapper, now: datetime, num: int) -> None:
        """Deletes the third that expires first.

        So a flood of limits per minute does not evict those per hour, which protect passwords.
        """
        at = connections[db].ops.adapt_datetimefield_value(now)
        cursor.execute(f"DELETE FROM {self._table} WHERE expires < %s", [at])  # noqa: S608
        left = num - cursor.rowcount
        if left > self._max_entries:
            nth = f"SELECT expires FROM {self._table} ORDER BY expires LIMIT 1 OFFSET %s"  # noqa: S608
            cursor.execute(f"DELETE FROM {self._table} WHERE expires <= ({nth})", [left // 3])  # noqa: S608
