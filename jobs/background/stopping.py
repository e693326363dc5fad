"""Whether this process should end; long work checks it between steps."""

import threading

stopping = threading.Event()
