"""What people read, whole: one file per situation in `golden/`.

`GOLDEN=write pytest tests/unit/planning/test_golden.py` writes them anew: read the difference.
"""

import os
from dataclasses import replace
from pathlib import Path

from streammesh.documents.values import TableName
from streammesh.errors.capture import WalLevel
from streammesh.planning.showing.render import text
from streammesh.planning.sizes.values import Document, Largest, Sizes
from streammesh.platform.kafka import TopicSpec
from tests.unit.planning.conftest import COLUMNS, Mesh, table

GOLDEN = Path(__file__).parent / "golden"
LINES, CITIES = TableName("public", "order_lines"), TableName("public", "cities")
LINES_FIELD = "      - name: lines\n"
EMAIL = "{ name: email, logicalType: string, description: Theirs., classification: confidential }"
PRODUCT = "{ name: product, logicalType: string, required: true, "

LARGE = Sizes(
    (
        Largest("list", LINES, "lines", 100_214, ("4711",), exact=True),
        Largest("fan-out", CITIES, "", 48_210, ("17",), exact=True),
        Largest("fan-out", TableName("public", "customers"), "", 1, ("5",), exact=True),
    ),
    Document(("4711",), 7_215_408),
)
UNKNOWN = Sizes(
    (
        Largest("list", LINES, "lines", reason="the database took longer than 3 s"),
        Largest("fan-out", CITIES, "", 2_400_000),
    )
)


def same(mesh: Mesh, name: str, *, width: int = 100, verbose: bool = False, **options) -> str:
    """Compare the plan with the file of that name."""
    shown = text(mesh.plan(**options), width=width, every_step=verbose) + "\n"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
    assert max(map(len, shown.splitlines())) <= width
    return shown


def orders(mesh: Mesh, sizes: Sizes) -> Mesh:
    mesh.platform.databases.answers["orders"] = sizes
    return mesh


def email(mesh: Mesh) -> None:
    mesh.edit("orders.v1.odcs.yaml", LINES_FIELD, f"          - {EMAIL}\n{LINES_FIELD}")
    mesh.edit("orders.v1.sql", "country: ci.country", "country: ci.country, email: c.email")


def test_a_first_plan(mesh):
    same(orders(mesh, LARGE), "first")


def test_a_first_plan_on_a_narrow_terminal(mesh):
    same(orders(mesh, LARGE), "first-80", width=80)


def test_every_step_of_a_first_plan(mesh):
    same(orders(mesh, UNKNOWN), "first-verbose", verbose=True)


def test_a_database_without_statistics(mesh):
    for name, columns in COLUMNS.items():
        mesh.with_table(table(name, columns, -1))
    same(mesh, "first-unknown")


def test_users_that_somebody_else_makes(mesh):
    mesh.platform = replace(mesh.platform, credentials=None)
    same(mesh, "first-without-users")


def test_nothing_to_do(applied):
    shown = same(applied, "nothing")
    assert len(shown.splitlines()) == 1


def test_a_compatible_change(applied):
    email(applied)
    applied.edit("orders.v1.odcs.yaml", "version: 1.0.0", "version: 1.1.0")
    applied.edit("dataproduct.odps.yaml", "version: 1.0.0", "version: 1.1.0")
    same(orders(applied, LARGE), "compatible")


def test_breaking_changes_of_several_products(applied):
    applied.edit("orders.v1.odcs.yaml", PRODUCT, PRODUCT.replace(", required: true", ""))
    applied.edit("orders.v1.odcs.yaml", "partitions: 4", "partitions: 5")
    applied.edit("customers.v1.odcs.yaml", "partitions: 4", "partitions: 4\n      cleanup: append")
    shown = same(applied, "breaking")
    assert shown.count("✗ stopped:") == 3


def test_a_description_is_part_of_the_schema_that_every_event_names(applied):
    applied.edit("orders.v1.odcs.yaml", "How far the order has come.", "How far it has come.")
    same(applied, "description")


def test_settings_that_change(applied):
    applied.edit("orders.v1.odcs.yaml", "on_violation: quarantine", "on_violation: block")
    applied.edit("shop.source.yaml", "retention: 7d", "retention: 2d")
    same(applied, "settings")


def test_a_model_that_computes_something_else(applied):
    applied.edit("orders.v1.sql", "amount: l.qty * l.price", "amount: l.qty * l.price * 2")
    same(applied, "model")


def test_a_product_that_left_the_files(applied):
    applied.remove_product("orders")
    same(applied, "removed")


def test_a_product_that_left_the_files_with_its_data(applied):
    applied.remove_product("orders")
    same(applied, "removed-with-data", delete_data=True)


def test_everything_left_the_files(applied):
    applied.remove_source()
    same(applied, "all-removed")


def test_a_table_more(applied):
    applied.with_table(table("notes", ["id integer", "text text"], 250_000))
    applied.edit("shop.source.yaml", "  - public.cities\n", "  - public.cities\n  - public.notes\n")
    same(applied, "table-added")


def test_a_column_more(applied):
    columns = [*COLUMNS["cities"], "population integer?"]
    applied.with_table(table("cities", columns))
    same(applied, "column-added")


def test_a_lost_slot(applied):
    applied.lose_slot()
    same(applied, "slot-lost")


def test_a_connector_that_somebody_changed_and_stopped(applied):
    connect = applied.platform.connect
    config = {**connect.connectors()["sales.shop"].config, "publication.name": "gone"}
    connect.put("sales.shop", config)
    connect.pause("sales.shop")
    same(applied, "connector")


def test_topics_that_are_somebody_elses(mesh):
    mesh.platform.kafka.create_topics([TopicSpec("sales.orders.v1", 4, 1)])
    same(mesh, "foreign")


def test_topics_that_somebody_changed(applied):
    kafka = applied.platform.kafka
    kafka.add_partitions("sales.orders.v1", 6)
    kafka.add_partitions("_cdc.sales.shop", 2)
    kafka.add_partitions("_quarantine.sales.customers.v1", 3)
    kafka.set_topic_config("sales.customers.v1", {"retention.ms": "86400000"})
    same(applied, "drift")


def test_too_few_replicas(applied):
    environment = applied.workspace.environments["local"]
    three = replace(environment, topic_defaults={"replication_factor": 3})
    applied.workspace.environments["local"] = three
    shown = same(applied, "replicas")
    assert shown.count("replication factor 1, mesh.toml says 3") == 4


def test_a_database_that_is_not_ready(mesh):
    source = mesh.workspace.domains["sales"].sources[0]
    fix = "ALTER SYSTEM SET wal_level = logical;  then restart PostgreSQL"
    error = WalLevel(source="sales.shop", level="replica", where=source.url.where, fix=fix)
    mesh.platform.databases.problems = (error,)
    same(mesh, "database")
