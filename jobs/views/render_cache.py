"""What is made once and given to all who ask for it, as long as there is room."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
Key = tuple[object, ...]


class RenderCache(Generic[Thing]):
    """`room`: how much may be kept, in what `size` counts. What nobody has asked for longest goes first."""

    def __init__(self, room: int, size: Callable[[Thing], int]) -> None:
        self._room, self._size = room, size
        self._kept: OrderedDict[Key, Thing] = OrderedDict()
        self._used = 0
        self._keeping = threading.Lock()
        self._making = [threading.Lock() for _ in range(16)]

    def get(self, key: Key, make: Callable[[], Thing]) -> Thing:
        """A thousand watchers of one job come for its new version at once, and one of them makes it."""
        with self._making[hash(key) % len(self._making)]:
            found = self._kept.get(key)
            if found is None:
                found = make()
            self._keep(key, found)
            return found

    def clear(self) -> None:
        with self._keeping:
            self._kept.clear()
            self._used = 0

    def _keep(self, key: Key, thing: Thing) -> None:
        with self._keeping:
            if key not in self._kept:
                self._kept[key] = thing
                self._used += self._size(thing)
            self._kept.move_to_end(key)
            while self._used > self._room and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._used -= self._size(gone)
