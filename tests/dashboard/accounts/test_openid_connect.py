"""A provider's answer is about somebody, by a text that is theirs alone, or it lets nobody in."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from dashboard.accounts.openid_connect import LONGEST_SUBJECT, Provider

provider = Provider.__new__(Provider)  # which asks the database for its settings when it is made


@pytest.mark.parametrize("subject", ["d-1", "ñandú", " d ", "d" * LONGEST_SUBJECT])
@pytest.mark.parametrize("part", ["userinfo", "id_token"])
def test_a_person_is_known_by_the_subject_as_it_came(part: str, subject: str) -> None:
    assert provider.extract_uid({part: {"sub": subject}}) == subject


@pytest.mark.parametrize(
    "subject", [None, "", " ", "d" * (LONGEST_SUBJECT + 1), "d\0", "\ud800", 7, True, ["d-1"], {"id": "d-1"}], ids=ascii
)
def test_what_names_nobody_is_refused(subject: object) -> None:
    with pytest.raises(PermissionDenied):
        provider.extract_uid({"userinfo": {"sub": subject}})


@pytest.mark.parametrize("answer", [{}, {"userinfo": None}, {"userinfo": "d-1"}, {"id_token": []}], ids=str)
def test_an_answer_of_another_shape_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(PermissionDenied):
        provider.extract_uid(answer)


def test_what_is_said_of_the_person_comes_before_the_token() -> None:
    assert provider.extract_uid({"userinfo": {"sub": "a"}, "id_token": {"sub": "b"}}) == "a"
