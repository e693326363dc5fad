"""Errors between us and the API: one class for each thing the page can say.

    APIError
     ├─ Refused       the token is not accepted (401, 402, 403)
     ├─ NoSuchJob     this workspace has no such thing (404, 410, 451)
     ├─ Throttled     asked to slow down until a given time (429, 503 with Retry-After)
     ├─ Unavailable   no answer, or one that says "later" (network, 408, 409, 5xx, a wall at the edge)
     └─ Unusable      an answer that cannot be a job

`reason` is a fixed word of ours, never text from upstream: it may be logged and shown.
"""

from datetime import datetime


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
