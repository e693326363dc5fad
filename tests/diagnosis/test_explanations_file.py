"""Invalid files of explanations: what is wrong, and where."""

import re
from pathlib import Path

import pytest

from jobs.diagnosis.explanations import CatalogueError, load
from tests.diagnosis.test_explanations import OWN, written


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"owner": "me"}, r"entry 2 \(bad\), owner: Expected one of api, authority"),
        ({"rerun": None}, r"entry 2 \(bad\), rerun: Expected `str`, got `null`"),
        ({"title": ""}, "title: Expected"),
        ({"title": {}}, "title: Expected"),
        ({"remedy": {"en": 3}}, "remedy.*: Expected `str`"),
        ({"id": " "}, "entry 2.*id: Expected"),
        ({"id": "our-printer"}, "id: Expected an id that no entry above has"),
        ({"match": {}}, "match: Expected one condition at least"),
        ({"match": []}, "match: Expected `array` of length >= 1"),
        ({"match": {"colour": "red"}}, "match.colour: Object contains unknown field"),
        ({"match": {"message": "("}}, "match.message: Expected `message` to be a regular expression"),
        ({"match": {"message": "(a+)+$"}}, "match.message: .*no repeats of repeats"),
        ({"match": {"message": "(a+b?)*$"}}, "match.message: .*no repeats of repeats"),
        ({"match": {"provider": ["pdf", " "]}}, "match.provider: Expected `provider` to be a word"),
        ({"match": [{"code": "a"}, {"sandbox": "no"}]}, r"match\[1\].sandbox: Expected"),
        ({"kind": "other"}, "kind: Invalid enum value"),
        ({"match": {"message": "x" * 301}}, "match.message: Expected `str` of length <= 300"),
        ({"match": {"code": 4104}}, "match.code: Expected `str . array`"),
        ({"match": {"http": "404"}}, "match.http: Expected `int"),
        ({"match": {"sandbox": 1}}, "match.sandbox: Expected `bool"),
        ({"match": {"means": "nothing"}}, "match.means: Invalid enum value 'nothing'"),
        ({"tilte": "x"}, "tilte: Object contains unknown field"),
    ],
)
def test_a_mistake_is_reported_with_file_entry_and_field(
    tmp_path: Path, change: dict[str, object], expected: str
) -> None:
    path = written(tmp_path, OWN, OWN | {"id": "bad"} | change)
    with pytest.raises(CatalogueError, match=expected) as error:
        load(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{}", "a list of entries"),
        ("[", "JSON"),
        ("[1]", "entry 1, entry: Expected `object`"),
        ("[" * 100_000, "JSON"),
        ("\xff", "JSON"),
    ],
)
def test_a_file_of_another_type_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CatalogueError, match=f"{re.escape(str(path))}.*{expected}"):
        load(path)


def test_a_missing_or_too_long_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        load(tmp_path / "nowhere.json")
    long = tmp_path / "long.json"
    long.write_bytes(b" " * 1_000_001)
    with pytest.raises(CatalogueError, match="at most"):
        load(long)
