"""The category of a step, by the id of its action."""

from pathlib import Path

import pytest

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category

SHARED = Path(__file__).parents[2] / "../shared"


@pytest.mark.skipif(not SHARED.exists(), reason="the collection of actions is not beside the project")
def test_every_known_action_has_a_category() -> None:
    yaml = pytest.importorskip("yaml")
    told = yaml.safe_load((SHARED / "actions.yaml").read_text())["actions"]
    assert [each["id"] for each in told if actions.category(each["id"]) != each["category"]] == []


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("verifactu.send", Category.SUBMIT),
        ("noverifactu.generate.cancel", Category.CANCEL),
        ("gov-xx.wait.approval", Category.WAIT_HUMAN),
        (" SILO.State ", Category.LABEL),
        ("email.send", Category.NOTIFY),
        ("verifactu.sender", Category.OTHER),
        ("", Category.OTHER),
    ],
)
def test_the_category_follows_from_words_of_the_id(action: str, expected: Category) -> None:
    assert actions.category(action) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("verifactu.send", "AEAT"),
        ("gov-es.face.send", "FACe"),
        ("gov-es.sii.record.issued", "AEAT"),
        ("gov-es.noverifactu.record", ""),
        ("peppol", "Peppol"),
        ("peppolx.send", ""),
        ("pdf", ""),
    ],
)
def test_the_longest_matching_id_prefix_gives_the_provider(action: str, expected: str) -> None:
    assert actions.name(action) == expected
