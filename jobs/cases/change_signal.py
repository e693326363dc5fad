"""Events of a case, for notifications. Sent inside the transaction of the change."""

import logging

from jobs.models.savepoint_signal import SavepointSignal

# Receivers get `case`, `job_id`, `by` (a person), `what` (a jobs.models.Change.What), and for a note its `place` in the
# page, but no text.
changed = SavepointSignal(logging.getLogger("jobs.cases.change_signal"), "the case is changed all the same")
