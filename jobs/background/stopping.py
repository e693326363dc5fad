"""Whether this process is to end: long work looks at it between two steps."""

import threading

stopping = threading.Event()
