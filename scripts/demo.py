"""`make demo`: the demo of dashboard/demo.py, from the source tree."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

if __name__ == "__main__":
    from dashboard.demo import main

    sys.exit(main(sys.argv[1:]))
