"""The cache in the database, where limits on attempts are counted when there is no Redis."""

from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError


class TableCache(DatabaseCache):
    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Raises OperationalError when the table takes no writes.

        Django's says False then, as it does for a key that is there already. On a full disk every limit would look used
        up, and everybody who signs in would read "too many attempts".
        """
        is_added = super().add(key, value, timeout, version)
        if not is_added and not self.has_key(key, version):
            raise OperationalError("the table of the cache takes no writes")
        return is_added
