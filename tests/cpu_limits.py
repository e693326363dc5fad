"""Limits on processor time in tests, with tolerance for slow machines."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def processor_time(most: float) -> Iterator[None]:
    """Fails if the block takes this thread more seconds of processor time. Waiting does not count.

    Objects of earlier tests are not collected meanwhile.
    """
    gc.freeze()
    began = time.thread_time()
    try:
        yield
    finally:
        spent = time.thread_time() - began
        gc.unfreeze()
    assert spent <= most, f"{spent:.2f} s of processor time"
