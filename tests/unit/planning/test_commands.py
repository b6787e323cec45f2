"""`mesh plan` and `mesh apply` as a user runs them, on twins."""

import json

import pytest

from streammesh.cli import plan as plan_command
from streammesh.cli.credentials import FileCredentials
from streammesh.cli.main import run
from streammesh.cli.platform import PatternSecrets
from streammesh.documents.values import Environment, Secret
from streammesh.errors import Location
from streammesh.errors.planning import ConnectSecretsMissing, PasswordsUnreadable, UserPassword


@pytest.fixture
def shop(mesh, monkeypatch):
    """Stand in the workspace; its systems are the twins."""
    monkeypatch.chdir(mesh.root)
    monkeypatch.setattr(plan_command, "platform_of", lambda *_: mesh.platform)
    return mesh


@pytest.fixture
def applied_shop(shop):
    shop.apply()
    return shop


def test_plan_exits_0_and_10_when_asked_for_details(shop, capsys):
    assert run(["plan"]) == 0
    assert run(["plan", "--detailed-exitcode"]) == 10
    out, err = capsys.readouterr()
    assert "26 to add" in out
    assert "mesh apply" in err


def test_plan_exits_0_when_there_is_nothing_to_do(applied_shop, capsys):
    assert run(["plan", "--detailed-exitcode"]) == 0
    assert "nothing to do" in capsys.readouterr().out


def test_plan_exits_3_when_something_stops_it(applied_shop, capsys):
    applied_shop.edit("orders.v1.odcs.yaml", "partitions: 4", "partitions: 5")
    assert run(["plan"]) == 3
    assert "orders.v1.odcs.yaml" in capsys.readouterr().out


def test_plan_as_json_is_all_that_stdout_has(shop, capsys):
    assert run(["plan", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["steps"]) == 26


def test_apply_asks_and_does_nothing_where_nobody_can_be_asked(shop, capsys):
    assert run(["apply"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert shop.platform.kafka.topics() == {}


def test_apply_shows_the_plan_and_every_step_on_stderr(shop, capsys):
    assert run(["apply", "--yes"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "sales.orders v1   1.0.0   new" in err
    assert "26/26  deploy sales.customers.v1 1.0.0 and 1 more" in err
    assert run(["apply", "--yes"]) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_apply_as_json_tells_what_was_done(shop, capsys):
    assert run(["apply", "--yes", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["applied"]) == 26


def test_apply_exits_3_and_changes_nothing_when_something_stops_it(applied_shop):
    applied_shop.edit("orders.v1.odcs.yaml", "partitions: 4", "partitions: 5")
    before = applied_shop.platform.resources.read()
    assert run(["apply", "--yes"]) == 3
    assert applied_shop.platform.resources.read() == before


def test_delete_data_has_to_be_asked_for(applied_shop, capsys):
    applied_shop.remove_product("orders")
    assert run(["apply", "--yes"]) == 0
    assert "sales.orders.v1" in applied_shop.platform.kafka.topics()
    assert run(["apply", "--yes", "--delete-data"]) == 0
    assert "sales.orders.v1" not in applied_shop.platform.kafka.topics()
    assert capsys.readouterr().out == ""


def environment(**connect):
    secrets = {name: Secret(text) for name, text in connect.items()}
    return Environment("production", None, "", {}, {}, {}, secrets, Location("mesh.toml"))


def test_connect_secrets_are_references_by_the_environments_pattern():
    secrets = PatternSecrets(environment(secrets="${file:/run/mesh.properties:NAME}"))
    assert (
        secrets.reference("sales.shop.password")
        == "${file:/run/mesh.properties:sales.shop.password}"
    )


@pytest.mark.parametrize("connect", [{}, {"secrets": "${file:/run/mesh.properties}"}])
def test_a_pattern_is_needed(connect):
    with pytest.raises(ConnectSecretsMissing):
        PatternSecrets(environment(**connect)).reference("sales.shop.password")


def test_passwords_of_users_come_from_a_file(tmp_path):
    file = tmp_path / "users.json"
    with pytest.raises(PasswordsUnreadable):
        FileCredentials(file).password_for("mesh.sales.reader")
    file.write_text('{"mesh.sales.reader": "x"}')
    assert FileCredentials(file).password_for("mesh.sales.reader") == "x"
    with pytest.raises(UserPassword):
        FileCredentials(file).password_for("mesh.sales.engine.shop")
