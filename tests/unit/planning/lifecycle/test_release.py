"""The next version of a port, written into the files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from streammesh.contracts.changes.kinds import Part
from streammesh.documents.ending import Ending, ending
from streammesh.documents.workspace import load
from streammesh.errors.lifecycle import MajorThere, ReleaseTooSmall
from streammesh.planning.lifecycle.deprecate import deprecate
from streammesh.planning.lifecycle.edits import difference
from streammesh.planning.showing import render
from tests.products_mesh import SAID

CONTRACT, MODEL, PRODUCT = "orders.v1.odcs.yaml", "orders.v1.sql", "dataproduct.odps.yaml"
FOLDER = "domains/sales/products/orders"


def added(life) -> None:
    """Add an optional field to contract and model."""
    life.edit(
        CONTRACT,
        "      - name: lines\n",
        f"      - {{ name: note, logicalType: string, {SAID} }}\n      - name: lines\n",
    )
    life.edit(MODEL, "o.status,", "o.status, o.status AS note,")


def renamed(life) -> None:
    """Rename a field in contract and model."""
    life.edit(CONTRACT, "- { name: name, logicalType", "- { name: full_name, logicalType")
    life.edit(MODEL, "{name: c.name,", "{full_name: c.name,")


def paths(found) -> list[str]:
    return [one.path.removeprefix(f"{FOLDER}/") for one in found.edits]


def test_nothing_changed_is_nothing_to_release(life):
    found = life.release()
    assert (found.version, found.edits) == ("1.0.0", ())


def test_a_new_field_is_a_minor_version_in_place(life):
    added(life)
    contract, product = life.text(CONTRACT), (life.root / FOLDER / PRODUCT).read_text()
    found = life.release()
    assert (found.before, found.version, found.beside) == ("1.0.0", "1.1.0", False)
    assert paths(found) == [CONTRACT, PRODUCT, "releases/1.1.0.md"]
    life.write(*found.edits)
    assert life.text(CONTRACT) == contract.replace("\nversion: 1.0.0\n", "\nversion: 1.1.0\n")
    assert (life.root / FOLDER / PRODUCT).read_text() == product.replace(
        "    version: 1.0.0\n", "    version: 1.1.0\n"
    )
    assert "## sales.orders 1.1.0" in life.text("1.1.0.md")
    assert "`note`" in life.text("1.1.0.md")
    assert life.plan().problems == ()


def test_a_release_again_changes_nothing(life):
    added(life)
    life.write(*life.release().edits)
    again = life.release()
    assert (again.version, again.edits) == ("1.1.0", ())
    life.apply()
    assert life.release().version == "1.1.0"
    assert life.plan().empty


def test_a_breaking_change_becomes_a_version_beside_the_old(life):
    before = {name: life.text(name) for name in (CONTRACT, MODEL)}
    product = (life.root / FOLDER / PRODUCT).read_text()
    renamed(life)
    changed = {name: life.text(name) for name in (CONTRACT, MODEL)}
    found = life.release(earlier=lambda path: [before[Path(path).name]])
    assert (found.version, found.beside, found.breaking) == ("2.0.0", True, True)
    assert found.remarks == ()
    life.write(*found.edits)
    assert {name: life.text(name) for name in before} == before
    assert life.text("orders.v2.sql") == changed[MODEL]
    assert life.text("orders.v2.odcs.yaml") == changed[CONTRACT].replace(
        "id: sales.orders.v1\nversion: 1.0.0", "id: sales.orders.v2\nversion: 2.0.0"
    ).replace("physicalName: sales.orders.v1", "physicalName: sales.orders.v2")
    entry = product[product.index("  - name: orders") : product.index("support:")]
    second = entry.replace("1.0.0", "2.0.0").replace("orders.v1", "orders.v2")
    assert (life.root / FOLDER / PRODUCT).read_text() == product.replace(entry, entry + second)
    assert "`customer.full_name`" in life.text("2.0.0.md")
    assert "### Breaking" in life.text("2.0.0.md")


def test_two_major_versions_run_side_by_side(life):
    renamed(life)
    life.write(*life.release().edits)
    plan = life.plan()
    assert plan.problems == ()
    shown = render.text(plan, every_step=True)
    assert "sales.orders v2   2.0.0   new" in shown
    life.apply()
    platform = life.platform
    assert {"sales.orders.v1", "sales.orders.v2"} <= platform.kafka.topics().keys()
    deployed = platform.deployments.read()
    one, two = (deployed[f"product/sales.orders.v{major}"] for major in (1, 2))
    assert one.source == two.source
    assert "full_name" in two.value_schema
    assert "full_name" not in one.value_schema
    assert platform.registry.subjects("sales.orders.v2") != frozenset()
    assert life.plan().empty
    assert {"sales.orders.v1", "sales.orders.v2"} <= life.catalog.versions({"sales"}).keys()


def test_without_the_files_of_a_commit_the_old_contract_is_written_anew(life):
    known = life.catalog.versions({"sales"})["sales.orders.v1"]
    renamed(life)
    found = life.release()
    [remark] = found.remarks
    assert "without its comments" in remark
    life.write(*found.edits)
    old = life.port("sales.orders.v1")
    assert json.dumps(old.contract.document, sort_keys=True) == json.dumps(
        known.contract.document, sort_keys=True
    )
    assert life.text(CONTRACT).startswith("apiVersion: v3.1.0\nkind: DataContract\nid: sales")
    assert old.model.text == known.model.text
    life.apply()
    assert life.plan().empty


def test_a_change_of_the_model_alone_leaves_the_contract_of_the_old_version(life):
    contract = life.text(CONTRACT)
    life.edit(MODEL, "  LEFT JOIN shop.cities", "  JOIN shop.cities")
    found = life.release()
    assert found.version == "2.0.0"
    assert found.remarks == ()
    life.write(*found.edits)
    assert life.text(CONTRACT) == contract
    assert "LEFT JOIN" in life.text(MODEL)
    assert "LEFT JOIN" not in life.text("orders.v2.sql")


def test_a_part_can_be_asked_for_but_no_smaller_one(life):
    assert life.release(part=Part.MINOR).version == "1.1.0"
    assert life.release(part=Part.PATCH).version == "1.0.1"
    assert life.release(part=Part.MAJOR).beside
    added(life)
    with pytest.raises(ReleaseTooSmall, match=r"1\.1\.0"):
        life.release(part=Part.PATCH)
    assert life.release(part=Part.MAJOR).version == "2.0.0"


def test_a_version_that_was_raised_by_hand_and_far_enough_stays(life):
    added(life)
    life.edit(CONTRACT, "version: 1.0.0", "version: 1.4.0")
    life.edit_product("version: 1.0.0", "version: 1.4.0")
    found = life.release()
    assert found.version == "1.4.0"
    assert paths(found) == ["releases/1.4.0.md"]


def test_own_words_stand_before_what_was_found(life):
    added(life)
    notes = life.release(own_notes="We added a *note*.\n").notes
    assert notes.startswith("## sales.orders 1.1.0\n\nWe added a *note*.\n\n### Compatible")


def test_a_version_that_has_files_already_is_not_written_over(life):
    before = life.text(CONTRACT)
    renamed(life)
    life.write(*life.release(earlier=lambda _: [before]).edits)
    life.apply()
    renamed(life)
    with pytest.raises(MajorThere, match=r"orders\.v2\.odcs\.yaml is there already"):
        life.release("sales.orders.v1")


def test_the_difference_names_new_files_and_old_ones(life):
    renamed(life)
    shown = difference(life.release().edits)
    assert f"--- /dev/null\n+++ {FOLDER}/orders.v2.odcs.yaml" in shown
    assert f"--- {FOLDER}/orders.v1.sql\n+++ {FOLDER}/orders.v1.sql" in shown
    assert "+    contractId: sales.orders.v2" in shown


def test_what_was_written_loads(life):
    renamed(life)
    life.write(*life.release().edits)
    ports = [(one.label, one.major, one.version) for one in load(life.root).ports]
    assert ("sales.orders", 1, "1.0.0") in ports
    assert ("sales.orders", 2, "2.0.0") in ports


def test_the_end_of_a_version_is_no_change_to_release(life):
    port = life.port("sales.orders.v1")
    life.write(deprecate(life.workspace, port, date(2099, 1, 1), because="It ends."))
    assert life.release("sales.orders.v1").edits == ()
    path = life.root / "domains/sales/domain.yaml"
    path.write_text(path.read_text().replace("Sales platform", "Sales and more"))
    life._workspace = None
    assert life.release("sales.orders.v1").edits == ()


def test_a_new_major_version_does_not_end_with_the_old_one(life):
    before = {name: life.text(name) for name in (CONTRACT, MODEL)}
    port = life.port("sales.orders.v1")
    life.write(deprecate(life.workspace, port, date(2099, 1, 1), because="It ends.", instead=port))
    renamed(life)
    found = life.release("sales.orders.v1", earlier=lambda path: [before[Path(path).name]])
    life.write(*found.edits)
    new = life.port("sales.orders.v2")
    assert (new.status, ending(new.contract.document)) == ("active", Ending(None))
    assert new.contract.stream == port.contract.stream
    assert life.port("sales.orders.v1").status == "active"
    assert "v1 is active again, as it was applied" in " ".join(found.remarks)
