"""Whether this process is to end: long work checks it between two steps."""

import threading

stopping = threading.Event()
