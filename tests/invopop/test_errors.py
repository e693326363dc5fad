"""One class for each message on the page; the diagram at the top of the module shows them all."""

import re

from jobs.invopop import errors
from jobs.invopop.errors import APIError


def test_the_drawing_shows_every_class() -> None:
    drawn = set(re.findall(r"[├└]─ (\w+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__ for kind in APIError.__subclasses__() if kind.__module__ == errors.__name__}


def test_an_error_says_only_its_reason() -> None:
    error = errors.Unavailable("http 502")
    assert (error.reason, str(error)) == ("http 502", "http 502")
