"""A QR code drawn here, from text that an authority gave back: no picture comes from anywhere else."""

import segno

LONGEST = 1_200  # bytes; beyond, a code on a screen is too fine to be read by a telephone
BORDER = 4  # modules of white around it, as the standard asks


def qr_svg(text: str) -> str | None:
    """An SVG element with attributes only: no style, no script, nothing of the text in it. None if it does not fit."""
    data = text.encode("utf-8", "replace")
    if not data or len(data) > LONGEST:
        return None
    try:
        code = segno.make_qr(data, error="m")
    except (ValueError, segno.encoder.DataOverflowError):
        return None
    size = code.symbol_size(border=BORDER)[0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" '
        f'focusable="false" aria-hidden="true"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path fill="#000" d="{_path(code)}"/></svg>'
    )


def _path(code: segno.QRCode) -> str:
    """A rectangle of height one for each run of dark modules."""
    parts = []
    for y, row in enumerate(code.matrix, BORDER):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                parts.append(f"M{x + BORDER} {y}h{run - x}v1h-{run - x}z")
            x = max(run, x + 1)
    return "".join(parts)
