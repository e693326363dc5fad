"""Validation texts as rows of path and problem: three forms, without losing text."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.diagnosis.validation_errors import problems, rows
from jobs.invopop.job_payload import Fault

Row = tuple[str, str, str]


def parsed(text: str) -> list[Row]:
    return [(row.path, row.code, row.text) for row in rows(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "validation: [GOBL-ES-VERIFACTU-BILL-INVOICE-07] ($.doc.customer) must have a tax_id; see [docs]",
            [("$.doc.customer", "GOBL-ES-VERIFACTU-BILL-INVOICE-07", "must have a tax_id; see [docs]")],
        ),
        (
            "[GOBL-BILL-INVOICE-01] ($.a, $.b[0].c) wrong; [GOBL-BILL-LINE-02] ($.d) missing",
            [
                ("$.a", "GOBL-BILL-INVOICE-01", "wrong"),
                ("$.b[0].c", "GOBL-BILL-INVOICE-01", "wrong"),
                ("$.d", "GOBL-BILL-LINE-02", "missing"),
            ],
        ),
        ("3 problems: [GOBL-X-01] no", [("", "", "3 problems:"), ("", "GOBL-X-01", "no")]),
        ("[GOBL-X-01] (see below) no", [("", "GOBL-X-01", "(see below) no")]),
        ("[OTHER-12] ($.a) no", [("$.a", "OTHER-12", "no")]),
    ],
)
def test_rules_are_read_with_their_codes(text: str, expected: list[Row]) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "validation: customer: must have a tax_id or an identity.",
            [("$.customer", "", "must have a tax_id or an identity")],
        ),
        (
            "validation: supplier: tax_id: invalid; code: required.",
            [("$.supplier.tax_id", "", "invalid"), ("$.code", "", "required")],
        ),
        ("Validation: note: odd (see a: b; c: d) really.", [("$.note", "", "odd (see a: b; c: d) really")]),
        ("validation: cannot be empty.", [("", "", "cannot be empty")]),
        ("validation: doc.lines[0].item: no.", [("$.doc.lines[0].item", "", "no")]),
    ],
)
def test_a_line_of_fields_is_read(text: str, expected: list[Row]) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "validation: (doc: (payment: (instructions: (ext: (mx-cfdi-payment-means: required.).).).).).",
            [("$.doc.payment.instructions.ext.mx-cfdi-payment-means", "", "required")],
        ),
        (
            "validation: (doc: (customer: (tax_id: cannot be blank.); lines: (0: (item: (name: no.).).).).).",
            [("$.doc.customer.tax_id", "", "cannot be blank"), ("$.doc.lines[0].item.name", "", "no")],
        ),
        (
            "(a: (b: one.); c: (d: two; e: three.).).",
            [("$.a.b", "", "one"), ("$.c.d", "", "two"), ("$.c.e", "", "three")],
        ),
        ("(a: (b: c.).); d: e", [("$.a.b", "", "c"), ("$.d", "", "e")]),
        ("validation: (a: (b: ", [("$.a.b", "", "")]),
    ],
)
def test_nested_brackets_are_read(text: str, expected: list[Row]) -> None:
    assert parsed(text) == expected


def test_a_plain_sentence_is_one_problem_without_a_path() -> None:
    assert parsed("Use [UTF-8] please") == [("", "", "Use [UTF-8] please")]
    assert parsed(" ") == []


def test_rows_come_from_the_message_or_else_the_fields() -> None:
    fields = json.dumps({"lines": {"0": {"item": {"name": "cannot be blank"}}}, "code": ["a", {"b": 3}], "empty": ""})
    assert [(row.path, row.text) for row in problems(Fault(message="no good", fields=fields))] == [
        ("$.lines[0].item.name", "cannot be blank"), ("$.code[0]", "a"), ("$.code[1].b", "3"),
    ]  # fmt: skip
    assert [row.path for row in problems(Fault(message="validation: a: b.", fields=fields))] == ["$.a"]
    assert problems(Fault(message="a plain sentence")) == ()
    assert problems(Fault(message="a plain sentence", fields="[" * 100_000)) == ()


def test_rows_after_a_thousand_are_merged_into_one() -> None:
    found = rows("validation: " + "a: no; " * 1_500)
    assert len(found) == 1_001
    assert found[-1].path == ""
    assert found[-1].text.count("a: no") == 500


pieces = st.lists(
    st.sampled_from(
        [
            "validation: ",
            "(",
            ")",
            ".",
            ";",
            "; ",
            "a: ",
            "lines: ",
            "0: ",
            "[GOBL-A-B-01]",
            "($.a, $.b) ",
            "word",
            " ",
            "Ω",
        ]
    ),
    max_size=40,
).map("".join)


@given(pieces | st.text(max_size=200))
def test_no_word_is_lost(text: str) -> None:
    said = " ".join(f"{row.path} {row.code} {row.text}" for row in rows(text))
    for word in ("word", "lines", "Ω"):
        assert (word in text) <= (word in said)
    assert len(re.findall("word", text)) <= len(re.findall("word", said))


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "lines", "0", "x-y"]), st.sampled_from(["no", "must be (at least) 3"])),
        min_size=1,
        max_size=6,
    )
)
def test_nested_errors_round_trip(problems: list[tuple[str, str]]) -> None:
    inner = "; ".join(f"{name}: {said}" for name, said in problems)
    expected = [(f"$.doc[{name}]" if name == "0" else f"$.doc.{name}", "", said) for name, said in problems]
    assert parsed(f"validation: (doc: ({inner}.).).") == expected


@pytest.mark.parametrize(
    "piece",
    ["(", "a: (", "a: b; ", "(a: b.).; ", "; ", "[GOBL-A-1] ", "a", "[", "a: ", "(a", ";", ")", "[GOBL-A-1] ($"],
)
def test_parsing_takes_linear_time_for_deep_or_long_input(piece: str) -> None:
    text = "validation: " + piece * (1_000_000 // len(piece))
    began = time.process_time()
    found = rows(text)
    assert time.process_time() - began < 5
    assert len(found) <= 1_002
