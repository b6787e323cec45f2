from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from streammesh.documents.files import SourceText
from streammesh.documents.mesh_file import read_mesh
from streammesh.documents.values import Environment, Secret
from streammesh.errors import Location
from streammesh.errors.documents import MissingSecret
from streammesh.errors.platform import SettingMissing, SettingWrong
from streammesh.platform.settings import (
    HttpSettings,
    KafkaSettings,
    connect_settings,
    http_settings,
    kafka_settings,
    registry_settings,
)

WHERE = Location("mesh.toml", 5)


def environment(**systems: dict[str, str]) -> Environment:
    parts = {
        name: {key: Secret(text, WHERE) for key, text in systems.get(name, {}).items()}
        for name in ("kafka", "registry", "connect")
    }
    return Environment("production", None, "", {}, **parts, where=WHERE)


def test_the_file_says_how_to_reach_kafka(tmp_path):
    (tmp_path / "ca.pem").touch()
    written = {
        "bootstrap_servers": "k1:9092,k2:9092",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "username": "${KAFKA_USER}",
        "password": "${KAFKA_PASSWORD}",
        "ssl_ca": "ca.pem",
    }
    environ = {"KAFKA_USER": "admin", "KAFKA_PASSWORD": "s3cret"}
    found = kafka_settings(environment(kafka=written), environ, tmp_path)
    assert found == KafkaSettings(
        "k1:9092,k2:9092",
        "SASL_SSL",
        "SCRAM-SHA-512",
        "admin",
        "s3cret",
        {"ssl.ca.location": str(tmp_path / "ca.pem")},
    )
    assert found.librdkafka()["ssl.ca.location"] == str(tmp_path / "ca.pem")
    assert found.librdkafka()["sasl.password"] == "s3cret"


def test_mesh_toml_takes_every_key_that_is_read():
    page = Path(__file__).parents[3] / "docs" / "environments.md"
    keys = re.findall(r"`((?:kafka|registry|connect)\.\w+)`", page.read_text())
    assert {"kafka.ssl_ca", "registry.ssl_ca", "connect.principal"} <= set(keys)
    tables: dict[str, list[str]] = {}
    for part, key in (one.split(".") for one in dict.fromkeys(keys)):
        tables.setdefault(part, []).append(f"{key} = {json.dumps(EXAMPLES.get(key, '${X}'))}")
    text = '[mesh]\nname = "m"\n' + "".join(
        f"[environments.production.{part}]\n" + "\n".join(lines) + "\n"
        for part, lines in tables.items()
    )
    found = read_mesh(SourceText("mesh.toml", text, tuple(text.splitlines()))).environments[
        "production"
    ]
    assert set(found.kafka) >= {"ssl_ca", "ssl_certificate", "ssl_key", "ssl_key_password"}
    assert "principal" in found.connect


EXAMPLES = {
    "security_protocol": "SASL_SSL",
    "sasl_mechanism": "PLAIN",
    "secrets": "${file:/run/secrets:NAME}",
}


def test_a_file_that_is_not_there_is_named_with_its_place(tmp_path):
    written = {"bootstrap_servers": "k:1", "ssl_ca": "ca.pem"}
    with pytest.raises(SettingWrong, match="no file") as failure:
        kafka_settings(environment(kafka=written), {}, tmp_path)
    assert failure.value.where == WHERE


def test_a_certificate_without_a_user_asks_for_tls(tmp_path):
    for name in ("certificate", "key"):
        (tmp_path / name).touch()
    written = {"bootstrap_servers": "k:1", "ssl_certificate": "certificate", "ssl_key": "key"}
    assert kafka_settings(environment(kafka=written), {}, tmp_path).security_protocol == "SSL"


def test_variables_win_over_the_file_and_its_secrets_are_not_needed_then():
    written = {"bootstrap_servers": "k1:9092", "username": "admin", "password": "${UNSET}"}
    environ = {"MESH_KAFKA_USERNAME": "engine", "MESH_KAFKA_PASSWORD": "x"}
    found = kafka_settings(environment(kafka=written), environ)
    assert (found.bootstrap_servers, found.username, found.password) == ("k1:9092", "engine", "x")
    assert (found.security_protocol, found.sasl_mechanism) == ("SASL_SSL", "SCRAM-SHA-256")


def test_variables_alone_are_enough():
    found = kafka_settings(None, {"MESH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"})
    assert found == KafkaSettings("127.0.0.1:9092")
    assert "sasl.username" not in found.librdkafka()


def test_passwords_are_never_shown():
    found = KafkaSettings("k:9092", "SASL_SSL", "PLAIN", "u", "s3cret", {"ssl.key.password": "k3y"})
    assert "s3cret" not in repr(found)
    assert "k3y" not in repr(found)
    assert "s3cret" not in repr(HttpSettings("http://r", "u", "s3cret"))


def test_clients_print_nothing_themselves():
    assert KafkaSettings("k:9092").librdkafka()["log_level"] == 0


def test_another_user_reaches_the_same_cluster():
    found = KafkaSettings("k:9092", "SASL_SSL", "PLAIN", "a", "b").with_user("c", "d")
    assert found == KafkaSettings("k:9092", "SASL_SSL", "PLAIN", "c", "d")


@pytest.mark.parametrize(
    ("written", "missing"),
    [
        ({}, "bootstrap_servers"),
        ({"bootstrap_servers": "k:1", "username": "u"}, "password"),
        ({"bootstrap_servers": "k:1", "security_protocol": "SASL_SSL"}, "username"),
    ],
)
def test_what_is_missing_is_named_with_both_ways_to_say_it(written, missing):
    with pytest.raises(SettingMissing, match=missing) as failure:
        kafka_settings(environment(kafka=written), {})
    assert "[environments.production]" in failure.value.fix
    assert f"MESH_KAFKA_{missing.upper()}" in failure.value.fix


def test_a_secret_that_is_not_set_is_named_with_its_place():
    with pytest.raises(MissingSecret, match="UNSET") as failure:
        kafka_settings(environment(kafka={"bootstrap_servers": "${UNSET}"}), {})
    assert failure.value.where == WHERE


def test_an_unknown_security_protocol_is_refused():
    written = {"bootstrap_servers": "k:1", "security_protocol": "SSL_SASL"}
    with pytest.raises(SettingWrong, match="SSL_SASL"):
        kafka_settings(environment(kafka=written), {})


def test_registry_and_connect_have_addresses_and_logins():
    written = environment(
        registry={"url": "https://r.example/", "username": "u", "password": "${P}"},
        connect={"url": "http://c.example:8083", "secrets": "${file:/run/secrets:NAME}"},
    )
    assert registry_settings(written, {"P": "x"}) == HttpSettings("https://r.example", "u", "x")
    assert connect_settings(written, {}) == HttpSettings("http://c.example:8083")
    other = connect_settings(written, {"MESH_CONNECT_URL": "http://d:1"})
    assert other == HttpSettings("http://d:1")
    with pytest.raises(SettingMissing, match="registry"):
        registry_settings(environment(), {})


def test_a_login_in_an_address_is_taken_out_of_it():
    found = http_settings("Connect", "https://u:p%40ss@[::1]:8083/base/")
    assert found == HttpSettings("https://[::1]:8083/base", "u", "p@ss")


@pytest.mark.parametrize("url", ["", "registry:8081", "ftp://r", "http://", "http://r:port"])
def test_what_is_no_address_is_refused_without_showing_it(url):
    with pytest.raises(SettingWrong) as failure:
        http_settings("Connect", url)
    assert "port" not in failure.value.what
