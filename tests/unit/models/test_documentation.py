"""docs/models.md lists exactly what a model can say, and its examples compile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streammesh.documents.values import ModelFile
from streammesh.models.meanings import OPERATORS, table
from streammesh.models.parsing import parse_model

PAGE = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")


LISTED = {**table.operators(), "aggregates": table.aggregates(), "casts": table.casts()}


@pytest.mark.parametrize("group", LISTED)
def test_the_page_has_the_table_as_the_compiler_has_it(group: str) -> None:
    tables = re.findall(r"(?:^\|.*\n?)+", PAGE, flags=re.MULTILINE)
    assert LISTED[group] in [one.rstrip("\n") for one in tables], group


def test_every_meaning_is_in_a_group() -> None:
    every = "\n".join(table.operators().values())
    for meaning in OPERATORS.values():
        assert meaning.written.replace("||", "&#124;&#124;") in every


def test_the_examples_are_models() -> None:
    examples = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)
    assert examples
    for example in examples:
        parse_model(ModelFile("docs/models.md", example))
