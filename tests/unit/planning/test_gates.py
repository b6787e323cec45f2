"""What stops a plan."""

import pytest

from streammesh.errors import ExitCode, MeshErrors
from streammesh.errors.planning import (
    BreakingChange,
    CleanupFixed,
    ForeignResource,
    KeyChanged,
    PartitionsFixed,
    ProductTopicGone,
    SchemaBreaks,
    SchemaIdChanged,
    StepFailed,
    TopicNamesCollide,
    TransactionTooLarge,
)
from streammesh.errors.platform import Unreachable
from streammesh.planning import service
from streammesh.platform.kafka import TopicSpec

ORDERS = "orders.v1.odcs.yaml"
PLACED = """      - name: placed_at
        logicalType: timestamp
        physicalType: timestamptz
        required: true
        description: When the customer placed it.
        classification: internal
"""


def only_problem(mesh, kind):
    found = [one for one in mesh.plan().problems if isinstance(one, kind)]
    assert len(found) == 1, mesh.plan().problems
    return found[0]


def test_a_blocked_plan_is_not_applied(applied):
    applied.edit(ORDERS, "partitions: 4", "partitions: 8")
    before = applied.platform.resources.read()
    with pytest.raises(MeshErrors) as caught:
        applied.apply()
    assert caught.value.exit_code == ExitCode.CHECK_SAID_NO
    assert applied.platform.resources.read() == before


@pytest.mark.parametrize("name", ["sales.orders.v1", "_cdc.sales.shop"])
def test_a_foreign_topic_is_never_touched(mesh, name):
    mesh.platform.kafka.create_topics([TopicSpec(name, 1, -1)])
    error = only_problem(mesh, ForeignResource)
    assert name in error.what


def test_a_foreign_topic_that_comes_in_between_stays_theirs(mesh):
    plan = mesh.plan()
    mesh.platform.kafka.create_topics([TopicSpec("sales.orders.v1", 1, -1)])
    with pytest.raises(StepFailed) as caught:
        service.apply(plan, mesh.platform)
    assert isinstance(caught.value.cause, ForeignResource)
    assert "topic/sales.orders.v1" not in mesh.platform.resources.read()
    assert only_problem(mesh, ForeignResource)


def test_a_foreign_subject_is_never_touched(mesh):
    mesh.platform.registry.register("sales.orders.v1-key", '"string"')
    assert "sales.orders.v1-key" in only_problem(mesh, ForeignResource).what


def test_a_foreign_user_keeps_its_password(mesh):
    mesh.platform.kafka.put_user("mesh.sales.reader", "theirs")
    assert only_problem(mesh, ForeignResource)
    assert mesh.platform.kafka.passwords["mesh.sales.reader"] == "theirs"


def test_partitions_never_change_within_a_major_version(applied):
    applied.edit(ORDERS, "partitions: 4", "partitions: 8")
    assert "`partitions: 4`" in only_problem(applied, PartitionsFixed).fix


def test_what_a_topic_keeps_never_changes_within_a_major_version(applied):
    applied.edit(ORDERS, "cleanup: compact", "cleanup: append")
    assert only_problem(applied, CleanupFixed)


def test_the_key_never_changes_within_a_major_version(applied):
    applied.edit(ORDERS, "name: order_id", "name: order_number")
    applied.edit("orders.v1.sql", "AS order_id", "AS order_number")
    error = only_problem(applied, KeyChanged)
    assert error.where.file.endswith(ORDERS)


def test_a_breaking_change_is_named_with_its_place(applied):
    applied.edit(ORDERS, PLACED, "")
    applied.edit("orders.v1.sql", " o.placed_at,", "")
    error = only_problem(applied, BreakingChange)
    assert "`placed_at` is gone" in error.what
    assert error.where.file.endswith(ORDERS)


def test_the_registry_has_its_say_about_versions_that_ran_before(applied, monkeypatch):
    monkeypatch.setattr(applied.platform.registry, "check", lambda *_: ("version 1: no default",))
    add_note(applied)
    assert "version 1: no default" in only_problem(applied, SchemaBreaks).why


ADDED = """    properties:
      - { name: note, logicalType: string, description: A note., classification: internal }
      - name: order_id"""


def add_note(mesh):
    mesh.edit(ORDERS, "    properties:\n      - name: order_id", ADDED)
    mesh.edit("orders.v1.sql", "o.status,", "o.status, o.status AS note,")


def test_an_optional_field_is_registered_and_deployed(applied):
    add_note(applied)
    before = applied.platform.deployments.read()["product/sales.orders.v1"]
    applied.apply()
    after = applied.platform.deployments.read()["product/sales.orders.v1"]
    assert after.key_schema_id == before.key_schema_id
    assert after.value_schema_id != before.value_schema_id
    assert applied.plan().empty


def forget_schemas(mesh):
    """A registry that lost its data, and gave ids to others before."""
    registry = type(mesh.platform.registry)()
    for number in range(20):
        registry.register(f"other-{number}", f'{{"type":"fixed","name":"F","size":{number + 1}}}')
    object.__setattr__(mesh.platform, "registry", registry)


def test_a_registry_that_lost_its_data_is_refused_when_it_gives_other_ids(applied):
    forget_schemas(applied)
    with pytest.raises(StepFailed) as caught:
        applied.apply()
    assert isinstance(caught.value.cause, SchemaIdChanged)
    assert "restore the registry's data" in caught.value.fix
    assert any(isinstance(one, SchemaIdChanged) for one in applied.plan().problems)


def test_a_product_topic_that_is_gone_is_not_silently_made_anew(applied):
    applied.platform.kafka.delete_topics(["sales.orders.v1"])
    assert only_problem(applied, ProductTopicGone)


def test_topics_that_differ_in_dots_only_collide(mesh):
    mesh.platform.kafka.create_topics([TopicSpec("sales_orders.v1", 1, -1)])
    assert only_problem(mesh, TopicNamesCollide)


def test_a_transaction_longer_than_the_broker_allows(mesh):
    mesh.platform.kafka.broker_configs["transaction.max.timeout.ms"] = "70000"
    assert "70 s" in only_problem(mesh, TransactionTooLarge).what


def test_what_is_wrong_with_the_database_stops_the_plan(mesh):
    mesh.platform.databases.problems = (Unreachable(system="wal", address="here"),)
    assert only_problem(mesh, Unreachable)


def test_a_column_that_no_model_reads_is_a_warning(mesh):
    warnings = [note.text for note in mesh.plan().notes if note.warns]
    assert any("public.products.price" in one for one in warnings)


def test_a_changed_contract_with_the_same_version_is_a_warning(applied):
    add_note(applied)
    assert any("its version is still 1.0.0" in note.text for note in applied.plan().notes)


def test_a_new_major_version_is_a_second_port_of_the_same_name(applied):
    contract, model = applied.file(ORDERS), applied.file("orders.v1.sql")
    text = contract.read_text().replace(PLACED, "").replace("sales.orders.v1", "sales.orders.v2")
    text = text.replace("version: 1.0.0", "version: 2.0.0")
    contract.with_name("orders.v2.odcs.yaml").write_text(text)
    shorter = model.read_text().replace(" o.placed_at,", "")
    model.with_name("orders.v2.sql").write_text(shorter)
    port = "version: 1.0.0\n    contractId: sales.orders.v1\n"
    second = "  - name: orders\n    type: kafka\n" + f"    {port}".replace("1.0.0", "2.0.0")
    second = second.replace(".v1", ".v2")
    applied.edit("orders/dataproduct.odps.yaml", port, port + second)
    applied.apply()
    assert {"sales.orders.v1", "sales.orders.v2"} <= set(applied.platform.kafka.topics())
    assert applied.plan().empty
    applied.edit(ORDERS, "status: active", "status: retired")
    applied.apply()
    versions = {name for name in applied.platform.deployments.read() if "sales.orders" in name}
    assert versions == {"product/sales.orders.v2"}
