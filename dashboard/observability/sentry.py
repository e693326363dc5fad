"""Sends errors to Sentry, an optional extra: what failed and where, without personal data.

No local variables, bodies, cookies, query strings or users; all text passes the log's filter for secrets.
"""

from typing import Any

from dashboard import environment
from dashboard.observability.logs import redact, request_id

LEFT_OUT = {"cookies", "data", "env", "headers", "query_string"}


def start(dsn: str, release: str) -> None:
    """Raises Refused without the extra or with an invalid DSN."""
    try:
        import sentry_sdk  # noqa: PLC0415 (an extra)
    except ImportError:
        raise environment.refusal("SENTRY_DSN", "the extra to be installed: pip install sentry-sdk") from None
    try:
        sentry_sdk.init(
            dsn=dsn,
            release=release,
            include_local_variables=False,
            include_source_context=True,
            max_request_body_size="never",
            max_breadcrumbs=0,
            traces_sample_rate=0,
            before_send=without_people,
        )
    except ValueError:
        raise environment.refusal("SENTRY_DSN", "an address such as https://key@host/1") from None


def without_people(event: Any, hint: Any) -> Any:
    event.pop("user", None)
    event.pop("breadcrumbs", None)
    event["request"] = {name: value for name, value in event.get("request", {}).items() if name not in LEFT_OUT}
    event.setdefault("tags", {})["request_id"] = request_id.get()
    return _redacted(event)


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {name: _redacted(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(each) for each in value]
    return value
