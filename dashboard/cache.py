"""The cache all processes share when Redis is configured: rate limits and nothing that matters for longer.

While Redis does not answer, the database's table stands in. A limit then starts again, but there is one: to let
everybody try as often as they like, or nobody sign in at all, would both be worse than a slower answer.
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

SECONDS = 0.5  # to connect, and for an answer
OPTIONS: dict[str, Any] = {
    "socket_timeout": SECONDS,
    "socket_connect_timeout": SECONDS,
    "retry": Retry(NoBackoff(), 1),
}
PAUSE = 5.0  # seconds for which a Redis that did not answer is not asked again
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
    asked_again_at = 0.0  # by time.monotonic(); of the whole process, as there is one of these objects a thread

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params | {"OPTIONS": OPTIONS | params.get("OPTIONS", {})})
        self.table = TableCache("shared_cache", {"OPTIONS": {"MAX_ENTRIES": 10_000}})

    add, get, set, touch, delete = map(_either, ("add", "get", "set", "touch", "delete"))
    get_many, set_many, delete_many = map(_either, ("get_many", "set_many", "delete_many"))
    has_key, incr, clear = map(_either, ("has_key", "incr", "clear"))
