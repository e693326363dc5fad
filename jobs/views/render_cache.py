"""A cache in memory that creates each value once for all threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Thing = TypeVar("Thing")
Key = tuple[object, ...]

by_name: "dict[str, RenderCache[Any]]" = {}  # all caches of this process, for metrics


class RenderCache(Generic[Thing]):
    """`capacity` is in the unit of `size`. The least recently used value is evicted first."""

    def __init__(self, capacity: int, size: Callable[[Thing], int], name: str = "") -> None:
        if name:
            by_name[name] = self
        self.capacity, self._size = capacity, size
        self.used = 0
        self._kept: OrderedDict[Key, Thing] = OrderedDict()
        self._making: dict[Key, threading.Lock] = {}
        self._lock = threading.Lock()  # held only briefly: cached values are returned while others are created

    def get(self, key: Key, make: Callable[[], Thing]) -> Thing:
        """The cached value, or a new one: of many threads that request it at once, one creates it."""
        with self._lock:
            if (found := self._found(key)) is not None:
                return found
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                found = self._found(key)
            return self._made(key, make) if found is None else found

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self.used = 0

    def _found(self, key: Key) -> Thing | None:
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def _made(self, key: Key, make: Callable[[], Thing]) -> Thing:
        try:
            made = make()
            with self._lock:
                self._keep(key, made)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return made

    def _keep(self, key: Key, thing: Thing) -> None:
        self._kept[key] = thing
        self.used += self._size(thing)
        while self.used > self.capacity and len(self._kept) > 1:
            _, gone = self._kept.popitem(last=False)
            self.used -= self._size(gone)
