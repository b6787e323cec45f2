"""What was compiled once is not compiled again, and what changed is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.deployments.deployment import ProductDeployment, digested
from streammesh.planning.wanting import build
from tests.unit.planning.conftest import column


@pytest.fixture
def compiled(monkeypatch) -> list[str]:
    """The ports that were compiled."""
    seen: list[str] = []
    usual = build.compile_model

    def compile_model(port, *others):
        seen.append(f"{port.label} v{port.major}")
        return usual(port, *others)

    monkeypatch.setattr(build, "compile_model", compile_model)
    return seen


def test_an_unchanged_model_is_taken_from_its_deployment(applied, compiled):
    assert applied.plan().empty
    assert compiled == []


def test_a_changed_model_is_compiled_alone(applied, compiled):
    applied.edit("orders.v1.sql", "o.status", "o.status AS status")
    assert applied.plan().empty  # it means the same
    assert compiled == ["sales.orders v1"]
    applied.apply()
    assert applied.plan().empty
    assert compiled == ["sales.orders v1"] * 2  # by the apply's own plan; the last one knew


def test_another_column_of_the_database_compiles_all_models_of_its_source(applied, compiled):
    orders = applied.platform.databases.tables["orders"]
    applied.with_table(replace(orders, columns=(*orders.columns, column("note text?"))))
    applied.plan()
    assert sorted(compiled) == ["sales.customers v1", "sales.orders v1"]


def test_other_statistics_compile_nothing(applied, compiled):
    orders = applied.platform.databases.tables["orders"]
    applied.with_table(replace(orders, estimated_rows=7))
    assert applied.plan().empty
    assert compiled == []


def test_another_compiler_compiles_everything(applied, compiled, monkeypatch):
    monkeypatch.setattr("streammesh.planning.wanting.origins.compiler", lambda: b"another")
    assert applied.plan().empty
    assert sorted(compiled) == ["sales.customers v1", "sales.orders v1"]


def test_a_contract_that_allows_less_is_compiled_and_refused(applied):
    applied.edit("orders.v1.sql", "ci.country", "ci.country || 1")
    assert applied.plan().blocked


def test_where_it_came_from_is_no_part_of_what_runs(applied):
    (one, *_) = [
        each
        for each in applied.platform.deployments.read().values()
        if isinstance(each, ProductDeployment)
    ]
    assert one.origin
    assert digested(replace(one, origin="")).digest == one.digest
    assert digested(replace(one, earlier=((7, "{}"),))).digest != one.digest
