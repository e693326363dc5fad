#!/usr/bin/env python
"""Django's command line, with this product's commands."""

import sys

from dashboard.command_line import manage

if __name__ == "__main__":
    sys.exit(manage(sys.argv[1:]))
