"""Errors of API requests: one class for each message on the page.

    APIError
     ├─ Refused       the API key is not accepted (401, 402, 403)
     ├─ NoSuchJob     not in this workspace (404, 410, 451)
     ├─ Throttled     the API asks to slow down until a given time (429, 503 with Retry-After)
     ├─ Unavailable   no response, or a temporary error (network, 408, 409, 5xx, blocked at the edge)
     └─ Unusable      a response that cannot be a job

`reason` is a fixed phrase of ours, never text from upstream, so it may be logged and shown.
"""

from datetime import datetime

# Reasons of `Unusable`: the job exceeds our limits, so that most likely its next response does too, at the same cost.
TOO_MUCH = frozenset({"too large", "too many values", "too many escapes", "too much to read"})


class APIError(Exception):
    """`reason`: a short fixed phrase in English, such as "timeout", "http 502", "not json"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(APIError):
    pass


class NoSuchJob(APIError):
    pass


class Throttled(APIError):
    def __init__(self, reason: str, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


class Unavailable(APIError):
    pass


class Unusable(APIError):
    pass
