"""`mesh plan` and `mesh apply` as a user runs them, on twins."""

import io
import json

import pytest
from rich.console import Console

from streammesh.cli import plan as plan_command
from streammesh.cli import plan_progress
from streammesh.cli.credentials import FileCredentials
from streammesh.cli.main import run
from streammesh.cli.platform import PatternSecrets
from streammesh.documents.values import Environment, Secret
from streammesh.errors import Location, RemoteFailed
from streammesh.errors.planning import ConnectSecretsMissing, PasswordsUnreadable, UserPassword
from streammesh.planning.apply import Progress
from streammesh.planning.owner import mesh_owner
from streammesh.planning.steps.create_user import CreateUser


@pytest.fixture
def shop(mesh, monkeypatch):
    """Stand in the workspace; its systems are the twins."""
    monkeypatch.chdir(mesh.root)
    monkeypatch.setattr(plan_command, "applying", lambda *_: mesh.platform)
    return mesh


@pytest.fixture
def applied_shop(shop):
    shop.apply()
    return shop


def test_plan_exits_0_and_10_when_asked_for_details(shop, capsys):
    assert run(["plan"]) == 0
    assert run(["plan", "--detailed-exitcode"]) == 10
    out, err = capsys.readouterr()
    assert "31 to add" in out
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
    assert len(json.loads(capsys.readouterr().out)["steps"]) == 31


def test_apply_asks_and_does_nothing_where_nobody_can_be_asked(shop, capsys):
    assert run(["apply"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert shop.platform.kafka.topics() == {}


def test_apply_shows_the_plan_and_every_step_on_stderr(shop, capsys):
    assert run(["apply", "--yes"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "sales.orders v1   1.0.0   new" in err
    assert "30/31  deploy sales.customers.v1 1.0.0 and 1 more" in err
    assert run(["apply", "--yes"]) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_apply_says_what_comes_next(shop, capsys):
    assert run(["apply", "--yes"]) == 0
    err = capsys.readouterr().err
    assert "31 steps applied in " in err
    assert "Next: `mesh run`" in err


def test_verbose_names_every_step(shop, capsys):
    assert run(["plan"]) == 0
    assert "_quarantine.sales.orders.v1" not in capsys.readouterr().out
    assert run(["plan", "-v"]) == 0
    assert "_quarantine.sales.orders.v1" in capsys.readouterr().out
    assert run(["apply", "-v", "--yes"]) == 0
    assert "why: " in capsys.readouterr().err


def test_an_apply_that_fails_says_what_is_done_and_for_whom_not(shop, capsys, monkeypatch):
    def refuse(*_):
        raise RemoteFailed(what="Connect is on holiday", fix="wait")

    with monkeypatch.context() as patch:
        patch.setattr(shop.platform.connect, "put", refuse)
        assert run(["apply", "--yes"]) == 5
    err = capsys.readouterr().err
    assert "27/31  deploy source sales.shop" in err
    assert "error: could not create connector sales.shop\n  Connect is on holiday\n" in err
    assert "27 done before it and kept, 3 after it not begun: sales.customers v1, sales" in err
    assert "steps applied" not in err
    assert run(["apply", "--yes"]) == 0
    assert "4 steps applied" in capsys.readouterr().err


def test_what_takes_long_is_said_where_no_terminal_is(shop, capsys, monkeypatch):
    monkeypatch.setattr(plan_progress, "QUIET_SECONDS", -1.0)
    assert run(["plan"]) == 0
    assert "  … asking sales.shop for its largest documents\n" in capsys.readouterr().err


def test_a_terminal_gets_lines_that_stay_and_a_bar_that_goes():
    shown = Console(file=io.StringIO(), force_terminal=True, width=80, no_color=True)
    with plan_progress.StepProgress(shown) as progress:
        step = CreateUser(mesh_owner(), "mesh.sales.reader", "reader")
        progress(Progress(step, 0, 2, (step, step)))
        progress(Progress(step, 2, 2, (step, step), 0.25))
        progress(Progress(None, 2, 2))
    assert "✓     2/2  create user mesh.sales.reader and 1 more   250 ms" in shown.file.getvalue()


def test_apply_as_json_tells_what_was_done(shop, capsys):
    assert run(["apply", "--yes", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["applied"]) == 31


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
