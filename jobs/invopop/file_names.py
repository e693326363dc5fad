"""Safe names for downloaded files."""

import re
import unicodedata
from collections.abc import Iterable

from jobs.invopop import file_links
from jobs.invopop.job_payload import Attachment

LONGEST = 100  # characters before the extension
# Characters with a meaning in paths, devices or shells, or that change the reading direction.
_unfit = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*;%$`\u2400\ufffd]')
_invisible = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    r"\uffa0\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_device = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)


def download_name(job_id: str, attachment: Attachment) -> str:
    """The file's own name with a safe extension; without a name, one made of ids."""
    extension = file_links.extension(attachment)
    name = harmless(re.split(r"[/\\]", attachment.name)[-1])
    ends = (f".{extension}", f".{extension.partition('.')[0]}")  # for svg.txt, .svg is enough
    own = next((each for each in ends if name.lower().endswith(each)), "")
    stem = name.removesuffix(name[len(name) - len(own) :])[:LONGEST].rstrip(". ") or _of_ids(job_id, attachment)
    return f"{stem}.{extension}"


def harmless(text: str) -> str:
    """The text as a safe file name on any system; "" if nothing is left."""
    plain = unicodedata.normalize("NFC", _invisible.sub("", text[: 4 * LONGEST]))
    name = re.sub(r"\.{2,}", ".", " ".join(_unfit.sub("-", plain).split()))
    name = name[: 2 * LONGEST].strip(". -")
    return f"_{name}" if _device.match(name) else name


def distinct(names: Iterable[str]) -> list[str]:
    """Unique names, ignoring case as some file systems do: a second a.pdf is "a (2).pdf"."""
    taken: set[str] = set()
    last: dict[str, int] = {}  # the last number given to a name, so that thousands of equal names are counted only once
    found = []
    for name in names:
        stem, dot, extension = name.rpartition(".")
        unique, number = name, last.get(name.casefold(), 1)
        while unique.casefold() in taken:
            number += 1
            unique = f"{stem} ({number}){dot}{extension}"
        taken.add(unique.casefold())
        last[name.casefold()] = number
        found.append(unique)
    return found


def _of_ids(job_id: str, attachment: Attachment) -> str:
    parts = (_word(job_id)[:36], _word(attachment.key)[:20], _word(attachment.id)[:36])
    return "-".join(filter(None, parts)) or "file"


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text[:200]).strip("-")
