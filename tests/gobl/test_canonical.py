"""The canonical form of a document, of which its digest is made."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.gobl.canonical import Uncertain, _careful, canonical
from tests.gobl.test_envelope import scalars


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('{ "foo":"bar", "c": 123.4, "a": 56, "b": 0.0, "y":null}', '{"a":56,"b":0.0E0,"c":1.234E2,"foo":"bar"}'),
        ('{"n":[null,{"x":null}],"m":{}}', '{"m":{},"n":[null,{}]}'),
        ('["\\u0001\\u001f\\b\\f\\n\\r\\t\\"\\\\\\/\\u00e9"]', '["\\u0001\\u001F\\b\\f\\n\\r\\t\\"\\\\/é"]'),
        ("[1.0,-0,1e2,0.000001234,123456789012345678901]", "[1.0E0,0,1.0E2,1.234E-6,1.2345678901234568E20]"),
        ("[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"),
        ('{"\\ud83e\\udd29":1,"\\uffee":2,"a":3}', '{"a":3,"\uffee":2,"🤩":1}'),
        ("[true,false,[],{}]", "[true,false,[],{}]"),
        ("[-0,-1]", "[0,-1]"),
    ],
)
def test_canonical_form(text: str, form: str) -> None:
    assert canonical(text.encode()).decode() == form


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize("text", ["", "{", '{"a":1,"a":2}', "[NaN]", "[1e999]", DEEP, '"\\ud800"'])
def test_values_without_a_certain_form_are_uncertain(text: str) -> None:
    with pytest.raises(Uncertain):
        canonical(text.encode())


values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=25)


@given(values, st.booleans())
def test_the_fast_and_the_careful_path_agree(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert canonical(text) == _careful(text)
