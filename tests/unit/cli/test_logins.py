"""Whose password an engine and a reader log in with; never the administrator's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streammesh.cli.logins import kafka_as
from streammesh.documents.values import Environment, Secret
from streammesh.errors import Location
from streammesh.errors.consume import PasswordMissing

WHERE = Location("mesh.toml", 4)
ENGINE = "mesh.library.engine.stock"


def environment(**kafka: str) -> Environment:
    said = {key: Secret(text, WHERE) for key, text in kafka.items()}
    return Environment("production", None, "", {}, said, {}, {}, WHERE)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USERNAME", "PASSWORD", "SECURITY_PROTOCOL", "BOOTSTRAP_SERVERS"):
        monkeypatch.delenv(f"MESH_KAFKA_{name}", raising=False)
    monkeypatch.delenv("MESH_USER_PASSWORDS", raising=False)


ADMIN = environment(bootstrap_servers="k:1", username="admin", password="admins-own")


def test_the_administrators_password_is_not_taken() -> None:
    with pytest.raises(PasswordMissing, match=ENGINE) as failure:
        kafka_as(ENGINE, ADMIN)
    assert failure.value.where == WHERE
    assert "MESH_KAFKA_PASSWORD" in (failure.value.fix or "")


def test_a_variable_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESH_KAFKA_PASSWORD", "x")
    found = kafka_as(ENGINE, ADMIN)
    assert (found.username, found.password) == (ENGINE, "x")


def test_the_file_of_users_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text(json.dumps({ENGINE: "y"}))
    monkeypatch.setenv("MESH_USER_PASSWORDS", str(tmp_path / "users.json"))
    assert kafka_as(ENGINE, ADMIN).password == "y"


def test_servers_without_logins_need_none() -> None:
    found = kafka_as(ENGINE, environment(bootstrap_servers="k:1"))
    assert (found.security_protocol, found.username) == ("PLAINTEXT", "")


def test_variables_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESH_KAFKA_BOOTSTRAP_SERVERS", "k:1")
    with pytest.raises(PasswordMissing):
        kafka_as(ENGINE, None)
    monkeypatch.setenv("MESH_KAFKA_SECURITY_PROTOCOL", "PLAINTEXT")
    assert kafka_as(ENGINE, None).username == ""
