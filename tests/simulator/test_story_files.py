"""The story files, which are read once."""

import pytest

from jobs.simulator.story_files import FOLDER, load


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_every_file_is_readable_and_not_empty(name: str) -> None:
    assert load(name)
    assert load(name) is load(name)


def test_a_missing_file_raises() -> None:
    with pytest.raises(FileNotFoundError):
        load("nothing-of-the-kind")
