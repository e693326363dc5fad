"""Bar charts as one SVG path, so that a page with many charts has few elements."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 24
STEP, GAP = 6, 1  # SVG units from bar to bar, and between two
LEAST = 2  # the minimum height, so that a bar of 1 is visible beside one of 1,000


@dataclass(frozen=True, slots=True)
class Chart:
    path: str
    width: int
    height: int
    highest: int
    highest_at: int  # the index of the first highest bar


def chart(counts: Sequence[int], height: int = HEIGHT, top: int = 0) -> Chart:
    """A chart. `top`: the count at full height, for comparable charts; by default the highest bar's."""
    highest = max(counts, default=0)
    top = max(top, highest, 1)
    tall = {place: max(LEAST, round(count / top * height)) for place, count in enumerate(counts) if count > 0}
    bars = (f"M{place * STEP} {height - up}h{STEP - GAP}v{up}h-{STEP - GAP}z" for place, up in tall.items())
    return Chart("".join(bars), max(1, len(counts)) * STEP, height, highest, counts.index(highest) if highest else 0)
