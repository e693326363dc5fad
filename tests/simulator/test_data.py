"""The stories as data: files that are there, and are read once."""

import pytest

from jobs.simulator.data import FOLDER, load


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_every_file_can_be_read_and_holds_something(name: str) -> None:
    assert load(name)
    assert load(name) is load(name)


def test_a_file_that_is_not_there_raises() -> None:
    with pytest.raises(FileNotFoundError):
        load("nothing-of-the-kind")
