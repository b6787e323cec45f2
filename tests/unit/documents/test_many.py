"""Very many products are read as a few are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from streammesh.documents import many, workspace
from streammesh.errors import MeshErrors

SHOP = Path(__file__).parents[3] / "examples" / "shop"


@pytest.fixture
def root(tmp_path) -> Path:
    return shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns(".mesh"))


@pytest.fixture
def ahead(monkeypatch) -> list[int]:
    """How many products were read ahead, in other processes."""
    seen: list[int] = []
    usual = many.read_ahead

    def read_ahead(*of):
        found = usual(*of)
        seen.append(len(found))
        return found

    monkeypatch.setattr(many, "WORTH", 1)
    monkeypatch.setattr(many, "_may_fork", lambda: True)
    monkeypatch.setattr(workspace, "read_ahead", read_ahead)
    return seen


def test_processes_read_the_same(root, ahead, monkeypatch):
    found = workspace.load(root)
    assert ahead == [2]
    monkeypatch.setattr(many, "WORTH", 100)
    alone = workspace.load(root)
    assert ahead == [2, 0]
    assert found == alone
    (port, *_), (other, *_) = found.ports, alone.ports
    places, others = port.contract.places, other.contract.places
    assert {one: places[one] for one in places} == {one: others[one] for one in others}


def test_what_is_wrong_is_told_with_its_place(root, ahead):
    file = next(root.rglob("orders.v1.odcs.yaml"))
    file.write_text(file.read_text().replace("status: active", "status: lively"))
    with pytest.raises(MeshErrors) as refused:
        workspace.load(root)
    assert ahead == [1]
    assert "lively" in refused.value.errors[0].what
    assert "orders.v1.odcs.yaml:5" in str(refused.value.errors[0].where)
