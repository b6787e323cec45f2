"""docs/types.md is true: every row of its tables is run."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from streammesh.contracts import avro
from streammesh.contracts.contract import Contract
from streammesh.contracts.property_types import scalar
from streammesh.contracts.spelling import spell
from streammesh.contracts.types import Field, Integer, Record
from streammesh.errors.contracts import ContractError

PAGE = (Path(__file__).parents[3] / "docs" / "types.md").read_text(encoding="utf-8")


def rows(heading: str, columns: int) -> list[tuple[str, dict[str, Any], list[str]]]:
    """Give (test id, property, other cells) of a table; a cell with several types is several."""
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    found = []
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split(" |")]
        assert len(cells) == columns, line
        logical, physicals, options, *rest = cells
        for physical in split(physicals):
            said: dict[str, Any] = {"logicalType": logical, "physicalType": physical}
            if options:
                said["logicalTypeOptions"] = json.loads(options.strip("`"))
            found.append((f"{logical} {physical} {options}", said, rest))
    return found


def split(cell: str) -> list[str]:
    """Split at commas outside parentheses."""
    depths = itertools.accumulate((one == "(") - (one == ")") for one in cell)
    text = "".join(
        "\n" if one == "," and not depth else one for one, depth in zip(cell, depths, strict=True)
    )
    return [part.strip() for part in text.split("\n")]


TYPES = rows("The types", 5)
REFUSED = rows("Refused", 4)


@pytest.mark.parametrize(("said", "rest"), [row[1:] for row in TYPES], ids=[r[0] for r in TYPES])
def test_a_row_gives_its_type_and_its_avro(said: dict[str, Any], rest: list[str]) -> None:
    spelled, written = rest
    type_ = scalar("a", said)
    assert spell(type_) == spelled
    key = Field("id", Integer(), required=True)
    fields = Record((key, Field("a", type_, required=True)))
    schema = avro.value_schema(Contract((key,), fields, None, "", {}), "t")
    assert json.loads(schema)["fields"][1]["type"] == json.loads(written.strip("`"))


@pytest.mark.parametrize(
    ("said", "rest"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_a_row_is_refused_with_its_error_and_a_proposal(
    said: dict[str, Any], rest: list[str]
) -> None:
    with pytest.raises(ContractError) as caught:
        scalar("a", said)
    assert type(caught.value).__name__ == rest[0]
    assert caught.value.fix
