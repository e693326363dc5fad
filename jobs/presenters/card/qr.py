"""Draws a QR code from an authority's text, without loading an external image."""

from collections.abc import Sequence
from itertools import groupby

from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode

LONGEST = 1_200  # bytes; a larger code is too fine for a phone to read from a screen
BORDER = 4  # modules of white margin, required by the standard
MASK = 7  # any of the eight masks can be read; choosing the best of them takes four times as long as drawing


def qr_svg(text: str) -> str | None:
    """An SVG element with attributes only: no style, script or text. None if it does not fit."""
    data = text.encode("utf-8", "replace")
    if not data or len(data) > LONGEST:
        return None
    try:
        rows = _modules(data)
    except (ValueError, DataOverflowError):
        return None
    size = len(rows) + 2 * BORDER
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" '
        f'focusable="false" aria-hidden="true"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path stroke="#000" d="{_path(rows)}"/></svg>'
    )


def _modules(data: bytes) -> Sequence[Sequence[object]]:
    """Rows of modules, true where dark."""
    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK)
    code.add_data(data, optimize=0)
    code.make()
    return code.modules  # type: ignore[no-any-return]


def _path(rows: Sequence[Sequence[object]]) -> str:
    """A line of width one for each row, with a dash for each run of dark modules: the shortest text."""
    parts = []
    for y, row in enumerate(rows, BORDER):
        parts.append(f"M{BORDER} {y}.5")
        for is_dark, run in groupby(row, bool):
            parts.append(f"{'h' if is_dark else 'm'}{len(list(run))}" + ("" if is_dark else " 0"))
    return "".join(parts)
