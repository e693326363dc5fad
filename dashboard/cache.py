"""The cache shared by all processes if Redis is configured: rate limits and other short-lived data.

While Redis is unavailable, the database's table is used instead. Limits then start again, which is better than no limit
or no sign-in at all.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from dashboard.table_cache import TableCache

SECONDS = 0.5  # to connect, and for a response
OPTIONS: dict[str, Any] = {
    "socket_timeout": SECONDS,
    "socket_connect_timeout": SECONDS,
    "retry": Retry(NoBackoff(), 1),
}
PAUSE = 5.0  # seconds without Redis after it failed to respond
log = logging.getLogger("dashboard.cache")


def _either(name: str) -> Callable[..., Any]:
    def call(self: "RedisOrTable", *args: Any, **options: Any) -> Any:
        if time.monotonic() >= RedisOrTable.asked_again_at:
            try:
                return getattr(RedisCache, name)(self, *args, **options)
            except RedisError as error:
                RedisOrTable.asked_again_at = time.monotonic() + PAUSE
                log.warning("Redis does not answer (%s); the database stands in", type(error).__name__)
        return getattr(self.table, name)(*args, **options)

    return call


class RedisOrTable(RedisCache):
    asked_again_at = 0.0  # by time.monotonic(); on the class, because each thread has its own object

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params | {"OPTIONS": OPTIONS | params.get("OPTIONS", {})})
        self.table = TableCache("shared_cache", {"OPTIONS": {"MAX_ENTRIES": 10_000}})

    add, get, set, touch, delete = map(_either, ("add", "get", "set", "touch", "delete"))
    get_many, set_many, delete_many = map(_either, ("get_many", "set_many", "delete_many"))
    has_key, incr, clear = map(_either, ("has_key", "incr", "clear"))
