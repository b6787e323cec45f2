"""What a source wants of Kafka, Connect and its database."""

from __future__ import annotations

from streammesh.capture.wants import MAX_RECORD_BYTES, wants
from streammesh.documents.values import TableName
from tests.unit.capture.values import SOURCE, TABLES, settings

WANTS = wants(SOURCE, TABLES, settings())


def test_the_log_has_one_partition_and_is_never_compacted() -> None:
    log = WANTS.topics[0]
    assert (log.name, log.partitions, log.replication_factor) == ("_cdc.sales.shop", 1, 3)
    assert log.config["cleanup.policy"] == "delete"
    assert log.config["retention.ms"] == "604800000"
    assert log.config["segment.ms"] == "86400000"
    assert log.config["min.insync.replicas"] == "2"


def test_the_connector_may_send_what_the_log_takes() -> None:
    assert WANTS.topics[0].config["max.message.bytes"] == str(MAX_RECORD_BYTES)
    assert WANTS.connector_config["producer.override.max.request.size"] == str(MAX_RECORD_BYTES)


def test_progress_is_one_compacted_partition() -> None:
    progress = WANTS.topics[1]
    assert (progress.name, progress.partitions) == ("_mesh.progress.sales.shop", 1)
    assert progress.config["cleanup.policy"] == "compact"
    assert "retention.ms" not in progress.config


def test_connect_may_write_the_log_and_nothing_else() -> None:
    mine = {str(one) for one in WANTS.acls if one.principal == "mesh.connect"}
    assert mine == {
        "mesh.connect allow write topic _cdc.sales.shop",
        "mesh.connect allow describe topic _cdc.sales.shop",
    }


def test_what_the_engine_may_do() -> None:
    engine = "mesh.sales.engine.shop"
    mine = {str(one) for one in WANTS.acls if one.principal == engine}
    assert mine == {
        f"{engine} allow read topic _cdc.sales.shop",
        f"{engine} allow read topic _cdc.sales.shop.rows",
        f"{engine} allow read topic _mesh.progress.sales.shop",
        f"{engine} allow write topic _mesh.progress.sales.shop",
        f"{engine} allow read topic _mesh.deployments",
        f"{engine} allow write transactional id {engine}",
        f"{engine} allow describe transactional id {engine}",
        f"{engine} allow read group {engine}",
    }


def test_users_are_those_that_have_rights() -> None:
    assert set(WANTS.principals) == {one.principal for one in WANTS.acls}


def test_publication_and_slot_have_one_name() -> None:
    assert WANTS.slot == WANTS.publication.name == "mesh_shop_sales_shop"
    assert WANTS.publication.tables == (
        TableName("crm", "customers"),
        TableName("public", "orders"),
    )


def test_generated_columns_are_published_where_the_server_can() -> None:
    assert WANTS.publication.generated
    assert not wants(SOURCE, TABLES, settings(server_version=17)).publication.generated


def test_replication_is_left_to_the_cluster_when_nothing_is_said() -> None:
    plain = settings()
    object.__setattr__(plain, "topic_defaults", {})
    log = wants(SOURCE, TABLES, plain).topics[0]
    assert log.replication_factor == -1
    assert "min.insync.replicas" not in log.config
