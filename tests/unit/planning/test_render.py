"""What a person and a program see of a plan."""

import json
from dataclasses import replace

from streammesh.errors import Location
from streammesh.planning.showing.as_values import as_dict
from streammesh.planning.showing.layout import Row, lines
from streammesh.planning.showing.render import text
from streammesh.planning.showing.rows import place
from streammesh.planning.steps.base import Change


def test_a_plan_is_at_most_100_wide(mesh):
    shown = text(mesh.plan())
    assert max(map(len, shown.splitlines())) <= 100


def test_a_plan_is_grouped_sources_before_their_products(mesh):
    *heads, total, then = [line for line in text(mesh.plan()).splitlines() if line[:1].strip()]
    assert heads == [
        "mesh",
        "sales",
        "sales.shop   new source",
        "sales.customers v1   1.0.0   new",
        "sales.orders v1   1.0.0   new",
    ]
    assert total == "0 to change, 31 to add, 0 to remove.   `-v` shows all 31 steps."
    assert then.startswith("Then the engine (`mesh run`) reads about 5,000 rows and publishes")


def test_a_compatible_change_shows_its_fields_with_their_places(applied):
    applied.edit("orders.v1.odcs.yaml", "description: When the customer", "description: When it")
    applied.edit(
        "orders.v1.odcs.yaml",
        "          - { name: country, logicalType: string, ",
        "          - { name: email, logicalType: string, description: Theirs., "
        "classification: internal }\n"
        "          - { name: country, logicalType: string, ",
    )
    applied.edit("orders.v1.sql", "country: ci.country", "country: ci.country, email: c.email")
    shown = text(applied.plan())
    assert "  + field      customer.email  optional string       orders.v1.odcs.yaml:" in shown
    assert "sales.orders v1   1.0.0   compatible" in shown


def test_a_breaking_change_is_said_beside_the_product(applied):
    applied.edit(
        "orders.v1.odcs.yaml",
        "{ name: product, logicalType: string, required: true, ",
        "{ name: product, logicalType: string, ",
    )
    shown = text(applied.plan())
    assert "sales.orders v1   1.0.0   BREAKING" in shown
    assert "sales.customers v1" not in shown
    assert "`lines[].product` required → optional, which breaks its consumers" in shown
    assert "1 problem stops this plan. Nothing was changed." in shown


def test_colour_is_only_an_addition(mesh):
    plan = mesh.plan()
    coloured = text(plan, colour=True)
    for code in ("1", "0", "31", "32", "33", "35", "1;31"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == text(plan)


def test_json_tells_of_every_step_what_why_whom_and_the_way_back(mesh):
    shown = json.loads(json.dumps(as_dict(mesh.plan())))
    assert shown["to_add"] == 31
    assert len(shown["steps"]) == 31
    for step in shown["steps"]:
        assert step["change"] == "add"
        assert step["what"]
        assert step["why"]
        assert step["undo"]


def test_removals_are_counted_and_say_whom_they_affect(applied):
    applied.remove_product("orders")
    plan = applied.plan()
    assert plan.count(Change.REMOVE) == len(plan.steps) == 3
    assert "its consumers get no further events" in text(plan)


def test_users_that_somebody_else_makes_are_named(mesh):
    mesh.platform = replace(mesh.platform, credentials=None)
    shown = text(mesh.plan())
    assert "the Kafka user mesh.sales.reader has to exist" in shown
    assert "+ user" not in shown
    mesh.apply()
    assert "has to exist" not in text(mesh.plan())
    assert mesh.plan().empty


def test_no_password_is_in_a_plan(mesh):
    plan = mesh.plan()
    assert "password of" not in repr(plan) + text(plan) + json.dumps(as_dict(plan))


def test_a_file_of_another_repository_is_named_with_it():
    assert place(Location("domains/sales/domain.yaml", 4, 2)) == "domain.yaml:4:2"
    assert (
        place(Location("mesh.toml of github.com/acme/mesh")) == "mesh.toml of github.com/acme/mesh"
    )


def test_a_row_that_others_wrote_stays_a_row_and_its_command_whole() -> None:
    command = "`mesh access approve finance/loads`"
    row = Row("!", "note", "a\x1b[2J\nb", f"\x1b]0;x\x07 it waits for its owner, {command}")
    shown = "\n".join(lines([row], 60, colour=True))
    assert r"a\x1b[2J b" in shown
    assert r"\x1b]0;x\x07" in shown
    assert command in shown
    assert shown.replace("\x1b[35m!\x1b[0m", "").count("\x1b") == 0
