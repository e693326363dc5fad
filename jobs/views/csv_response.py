"""CSV responses."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from jobs import formatting

TYPE = "text/csv; charset=utf-8"


def csv(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV response with the date in its name and without formulas."""
    return HttpResponse("".join(map(formatting.csv_line, rows)), content_type=TYPE, headers=_headers(name))


def long_csv(name: str, rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The same, streamed, for hundreds of thousands of rows."""
    return StreamingHttpResponse(map(formatting.csv_line, rows), content_type=TYPE, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.csv"'}
