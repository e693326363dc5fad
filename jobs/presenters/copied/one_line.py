"""Escapes external text so that it cannot pass for a line, heading or link of ours."""

import re

from jobs import formatting

LINE = 300  # characters
_ODD = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_ENDS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~&@-]|(?<=:)//|^\d+(?=[.)]))")


def on_one_line(text: str, limit: int = LINE) -> str:
    """The text without line breaks and direction marks, cut to a length."""
    line = " ".join(_ODD.sub(" ", text[: 4 * limit]).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def quoted(text: str, limit: int) -> str:
    """The original text with a prefix on each line, and the number of characters if cut."""
    shown = text[:limit].replace("\r\n", "\n")
    lines = "\n".join(f"  | {formatting.visible(line)}" for line in _ENDS.split(shown))
    return lines if len(text) <= limit else f"{lines}\n  | … ({len(text)})"


def plain_markdown(text: str) -> str:
    """Text without Markdown: no emphasis, link, list, heading or mention."""
    return _MARKUP.sub(_escaped, on_one_line(text))


def code(text: str) -> str:
    """A code span, for ids: its content is not interpreted."""
    line = on_one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    padding = " " if "`" in line else ""
    return f"{fence}{padding}{line}{padding}{fence}" if line else ""


def _escaped(found: re.Match[str]) -> str:
    text = found[0]
    if text.isdigit():
        return f"{text}\\"
    return "\\" + text if text != "//" else "\\//"
