"""What programs get of a plan, and that docs/planning.md names all of it."""

import json
import re
from pathlib import Path

from streammesh.documents.values import TableName
from streammesh.planning.showing.as_values import as_dict
from streammesh.planning.sizes.values import Document, Largest, Sizes

DOCS = (Path(__file__).parents[3] / "docs" / "planning.md").read_text(encoding="utf-8")
SIZES = Sizes(
    (Largest("list", TableName("public", "order_lines"), "lines", 9, ("1",), exact=True),),
    Document(("1",), 700),
)


def shown(plan):
    return json.loads(json.dumps(as_dict(plan)))


def test_every_name_is_documented(mesh):
    mesh.platform.databases.answers["orders"] = SIZES
    mesh.platform.databases.problems = ()
    plan = shown(mesh.plan())
    parts = [plan, plan["then"], plan["steps"][0], plan["notes"][0], *plan["sizes"]]
    names = {name for part in parts for name in part}
    assert names <= set(re.findall(r"`(\w+)", DOCS))


def test_ids_name_steps_the_same_every_time(mesh):
    first, again = shown(mesh.plan())["steps"], shown(mesh.plan())["steps"]
    ids = [one["id"] for one in first]
    assert len(set(ids)) == len(ids) == 31
    assert ids == [one["id"] for one in again]


def test_steps_have_what_the_text_only_counts(mesh):
    steps = shown(mesh.plan())["steps"]
    [topic] = [one for one in steps if one["object"] == "_quarantine.sales.orders.v1"]
    assert topic["details"]["partitions"] == 1
    assert topic["details"]["replication_factor"] is None
    rights = [right for one in steps for right in one["details"].get("rights", ())]
    assert len(rights) == 25
    assert {"principal", "operation", "name"} <= rights[0].keys()


def test_what_follows_an_apply_is_counted(mesh):
    assert shown(mesh.plan())["then"] == {
        "estimated": True,
        "rows_to_read": 5000,
        "documents_to_publish": 2000,
        "seconds": 0.2,
    }


def test_what_can_not_be_undone_is_said(applied):
    applied.remove_product("orders")
    steps = shown(applied.plan(delete_data=True))["steps"]
    final = {one["what"] for one in steps if not one["reversible"]}
    assert final == {
        "delete topic sales.orders.v1",
        "delete topic _quarantine.sales.orders.v1",
        "delete subject sales.orders.v1-key",
        "delete subject sales.orders.v1-value",
    }


def test_a_problem_names_the_product_that_has_it(applied):
    applied.edit("orders.v1.odcs.yaml", "partitions: 4", "partitions: 5")
    plan = shown(applied.plan())
    [problem] = plan["problems"]
    assert plan["blocked"]
    assert (problem["error"], problem["for"]) == ("PartitionsFixed", "sales.orders v1")
    assert problem["where"].endswith("orders.v1.odcs.yaml:61:7")


def test_places_are_of_the_files(mesh):
    steps = {one["what"]: one["place"] for one in shown(mesh.plan())["steps"]}
    assert steps["create topic sales.orders.v1"].startswith("domains/sales/products/orders/")
    assert steps["create topic _mesh.resources"] is None


def test_sizes_keep_what_is_not_known(mesh):
    unknown = Largest("fan-out", TableName("public", "cities"), reason="busy")
    mesh.platform.databases.answers["orders"] = Sizes((unknown,))
    [size] = shown(mesh.plan())["sizes"]
    assert (size["for"], size["count"], size["reason"]) == ("sales.orders v1", None, "busy")
