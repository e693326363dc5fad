"""CSV responses."""

from collections.abc import Iterable, Iterator, Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

from jobs import formatting
from jobs.views import heavy_views

PIECE = 65_536  # characters written at once
CUT = "INCOMPLETE: this file could not be finished, rows are missing. Download it again."
TYPE = "text/csv; charset=utf-8"


def csv(name: str, rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A CSV response with the date in its name and without formulas."""
    return HttpResponse("".join(map(formatting.csv_line, rows)), content_type=TYPE, headers=_headers(name))


def long_csv(name: str, lines: Iterator[str]) -> StreamingHttpResponse:
    """A CSV response of hundreds of thousands of lines, sent while they are read.

    The first piece is read before the response starts, so that a failure is an ordinary error. If a later one fails,
    the last line states it and the transfer breaks. Raises heavy_views.Busy.
    """
    sending = _sending(lines)
    next(sending)
    return StreamingHttpResponse(sending, content_type=TYPE, headers=_headers(name))


def _sending(lines: Iterator[str]) -> Iterator[str]:
    """Nothing at first, once there is something to send; its turn ends when it is closed."""
    with heavy_views.export():
        pieces = _pieces(lines)
        first = next(pieces, "")
        yield ""
        yield first
        yield from pieces


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    piece, size, is_first = [], 0, True
    try:
        for line in lines:
            piece.append(line)
            size += len(line)
            if size >= PIECE:
                yield "".join(piece)
                piece, size, is_first = [], 0, False
    except Exception:
        if not is_first:
            yield "".join([*piece, formatting.csv_line([CUT])])
        raise
    yield "".join(piece)


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}-{timezone.now():%Y-%m-%d}.csv"'}
