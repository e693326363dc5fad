#!/usr/bin/env python
"""Django's command line, with this product's commands."""

import os
import sys

from django.core.management import execute_from_command_line

from dashboard.environment import Refused

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    os.environ.setdefault("DATABASE_SECONDS", "900")  # a migration may take longer than a page
    try:
        execute_from_command_line(sys.argv)
    except Refused as error:
        sys.exit(str(error))
