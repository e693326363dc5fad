"""Limits on processor time in tests, with tolerance for slow machines."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def processor_time(most: float) -> Iterator[None]:
    """Fails when what runs inside takes this thread more seconds of the processor. Waiting is free.

    What the tests before this one left in memory is not the collector's concern meanwhile.
    """
    gc.freeze()
    began = time.thread_time()
    try:
        yield
    finally:
        spent = time.thread_time() - began
        gc.unfreeze()
    assert spent <= most, f"{spent:.2f} s of processor time"
