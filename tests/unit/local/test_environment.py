from pathlib import Path
from types import SimpleNamespace

import pytest

from streammesh.errors.local import UnknownPrincipal
from streammesh.local.environment import access, as_json, as_properties, as_shell
from streammesh.local.info import StackInfo
from streammesh.local.layout import Layout
from streammesh.local.secrets import Secrets

INFO = StackInfo(
    bootstrap_servers="127.0.0.1:19092",
    security_protocol="SASL_PLAINTEXT",
    sasl_mechanism="SCRAM-SHA-256",
    admin_username="admin",
    admin_password="hush",
    registry_url="http://127.0.0.1:18081/apis/ccompat/v7",
    connect_url="http://127.0.0.1:18083",
    postgres_host="127.0.0.1",
    postgres_port=15432,
    postgres_superuser="postgres",
    postgres_password="p:w/d",
    connect_secrets_path=Path("/x"),
)


@pytest.fixture
def stack(tmp_path):
    layout = Layout.of(tmp_path)
    layout.create()
    secrets = Secrets(layout)
    secrets.password_for("admin")
    secrets.password_for("mesh.sales.reader")
    return SimpleNamespace(info=lambda: INFO, secrets=secrets)


def test_no_password_shows_by_accident(stack):
    assert "hush" not in repr(INFO)
    assert "p:w" not in repr(INFO)
    one = access(stack, None)
    assert one.password not in repr(one)


def test_a_database_url_is_escaped():
    assert INFO.postgres_url("shop") == "postgresql://postgres:p%3Aw%2Fd@127.0.0.1:15432/shop"


def test_shell(stack):
    one = access(stack, None)
    assert f"export KAFKA_PASSWORD={one.password}\n" in as_shell(one)
    assert "export KAFKA_USERNAME=admin\n" in as_shell(one)


def test_properties_of_another_principal(stack):
    shown = as_properties(access(stack, "mesh.sales.reader"))
    assert "bootstrap.servers=127.0.0.1:19092\n" in shown
    assert 'ScramLoginModule required username="mesh.sales.reader" password="' in shown


def test_json(stack):
    assert as_json(access(stack, None))["registry_url"].endswith("/apis/ccompat/v7")


def test_an_unknown_principal_is_an_error_and_gets_no_password(stack):
    with pytest.raises(UnknownPrincipal) as caught:
        access(stack, "mesh.sales.raeder")
    assert "did you mean mesh.sales.reader?" in str(caught.value.fix)
    assert stack.secrets.principals() == ("admin", "mesh.sales.reader")
