"""`python -m dashboard …` is `jobs-dashboard …`."""

import sys

from dashboard.command_line import main

sys.exit(main())
