"""docs/models.md lists exactly what a model can say, and its examples compile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streammesh.documents.values import ModelFile
from streammesh.models.meanings import table
from streammesh.models.parsing import parse

PAGE = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("written", [table.operators, table.aggregates, table.casts])
def test_the_page_has_the_table_as_the_compiler_has_it(written: object) -> None:
    assert callable(written)
    expected = written()
    heading = expected.split("\n", 1)[0]
    tables = re.findall(r"(?:^\|.*\n?)+", PAGE, flags=re.MULTILINE)
    assert expected in [one.rstrip("\n") for one in tables], f"docs/models.md: {heading}"


def test_the_examples_are_models() -> None:
    examples = re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL)
    assert examples
    for example in examples:
        parse(ModelFile("docs/models.md", example))
