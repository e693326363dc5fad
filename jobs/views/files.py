"""Tables as files."""

import csv as writing
from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from jobs import formatting

TYPE = "text/csv; charset=utf-8"


def csv(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """With the day in its name; no cell is taken for a formula."""
    return HttpResponse("".join(_lines(rows)), content_type=TYPE, headers=_headers(name))


def long_csv(name: str, rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The same, sent while it is made: of hundreds of thousands of rows, none waits for the last in memory."""
    return StreamingHttpResponse(_lines(rows), content_type=TYPE, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.csv"'}


def _lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = writing.writer(_Echo())
    for row in rows:
        yield writer.writerow([formatting.inert(str(cell)) for cell in row])


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line
