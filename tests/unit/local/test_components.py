import stat
from pathlib import Path

import pytest

from streammesh.errors.local import SecretsLost
from streammesh.local.components import connect, connect_access, kafka, postgres, registry
from streammesh.local.layout import Layout
from streammesh.local.ports import PREFERRED
from streammesh.local.secrets import Secrets
from streammesh.local.setting import Setting, Tools


@pytest.fixture
def setting(tmp_path):
    layout = Layout.of(tmp_path)
    layout.create()
    jars = {name: (Path(f"/jars/{name}.jar"),) for name in ("kafka", "connect")}
    unpacked = {name: tmp_path / name for name in ("debezium", "registry")}
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "quarkus-run.jar").touch()
    tools = Tools(java=Path("/java"), postgres=Path("/pg"), jars=jars, unpacked=unpacked)
    return Setting(layout, Secrets(layout), tools, PREFERRED, "cluster")


def no_run(_command):
    raise AssertionError("nothing was to be run")


def test_everything_listens_on_the_loopback_address_only(setting):
    shown = kafka.properties(setting)
    assert shown["listeners"] == "CLIENT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert connect.properties(setting)["listeners"] == "http://127.0.0.1:18083"
    assert connect.properties(setting)["rest.advertised.host.name"] == "127.0.0.1"
    asked = registry.properties(setting)
    assert {asked["quarkus.http.host"], asked["quarkus.management.host"]} == {"127.0.0.1"}
    assert "listen_addresses = '127.0.0.1'" in postgres.CONFIGURATION


def test_no_command_line_shows_a_password(setting):
    for component in (kafka.Kafka(), connect.Connect(), registry.Registry(), postgres.Postgres()):
        line = " ".join(component.command(setting).argv)
        assert component.mark(setting) in line
        for password in passwords(setting):
            assert password not in line


def passwords(setting):
    kept = setting.secrets
    return [
        kept.password_for("admin"),
        kept.password_for("mesh.connect"),
        kept.internal("postgres"),
    ]


def test_formatting_hands_the_password_over_in_a_private_file(setting):
    commands = []

    def run(command):
        commands.append(command)
        file = setting.layout.secrets / "kafka-format.args"
        assert setting.secrets.password_for("admin") in file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    kafka.Kafka().prepare(setting, run)
    assert setting.secrets.password_for("admin") not in " ".join(commands[0].argv)
    assert not (setting.layout.secrets / "kafka-format.args").exists()


def test_storage_is_formatted_once_and_again_when_interrupted(setting):
    def interrupted(_command):
        (setting.layout.data("kafka") / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kafka.Kafka().prepare(setting, interrupted)
    kafka.Kafka().prepare(setting, lambda _command: None)
    assert not (setting.layout.data("kafka") / "half").exists()
    kafka.Kafka().prepare(setting, no_run)


def test_a_cluster_keeps_its_id(setting):
    kafka.Kafka().prepare(setting, lambda _command: None)
    assert kafka.cluster_id_of(setting.layout) == "cluster"


def test_a_new_cluster_gets_an_id_that_kafka_takes(setting):
    made = {kafka.cluster_id_of(setting.layout) for _ in range(200)}
    assert len(made) == 200
    assert all(len(one) == 22 and one[0] != "-" for one in made)


@pytest.mark.parametrize("name", ["kafka", "postgres"])
def test_data_without_its_password_is_an_error(setting, name):
    component = {"kafka": kafka.Kafka(), "postgres": postgres.Postgres()}[name]
    setting.layout.data(name).mkdir()
    (setting.layout.data(name) / "ready").touch()
    with pytest.raises(SecretsLost, match=name):
        component.prepare(setting, no_run)


def test_connect_may_use_its_own_topics_and_create_nothing():
    allowed = {(acl.name, acl.operation.name) for acl in connect_access.acls()}
    assert {name for name, _ in allowed} == {*connect_access.TOPICS, "mesh.connect.workers"}
    assert not any(operation in ("CREATE", "ALL", "ALTER") for _, operation in allowed)


def test_connectors_can_read_one_secrets_file_only(setting):
    allowed = connect.properties(setting)["config.providers.file.param.allowed.paths"]
    assert allowed == str(setting.layout.connect_secrets)
