"""Servers that aren't ours: what is missing is printed, done as printed, and then all works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from tests.integration.foreign.company import CAPTURE_PASSWORD, Company, statements
from tests.integration.foreign.servers import ADMIN, admin_rights

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]

ENGINE, READER = "mesh.library.engine.stock", "mesh.library.reader"


@pytest.fixture(scope="module")
def story(company: Company) -> Iterator[SimpleNamespace]:
    """Go the way of somebody who does what each plan says, and nothing else."""
    told = SimpleNamespace(errors=[], said=[])
    told.without_user = company.terminal.mesh("plan", "--json")
    company.servers.put_user(ADMIN)
    told.without_rights = company.terminal.mesh("plan", "--json")
    company.servers.allow(admin_rights("library.", "_cdc.library.", "_quarantine.library."))
    told.plans = list(do_as_printed(company, told))
    told.plan = company.terminal.mesh("plan")
    assert told.plan.status == 0, told.plan.out + told.plan.err
    told.apply = company.terminal.mesh("apply", "--yes")
    assert told.apply.status == 0, told.apply.err
    told.engine = None
    try:
        yield told
    finally:
        if told.engine is not None:
            told.engine.kill()


def do_as_printed(company: Company, told: SimpleNamespace) -> Iterator[list[str]]:
    """Run the printed statements, plan by plan, until nothing stands in the way."""
    for _ in range(8):
        problems = company.problems()
        names = [one["error"] for one in problems]
        yield names
        if not problems:
            return
        for one in problems:
            told.errors.append(one)
            ready = list(statements(one["fix"] or ""))
            database = "postgres" if one["error"] == "NoConnectRight" else "library"
            for statement in ready:
                company.sql(statement, database)
            if one["error"] == "ConnectLoginFailed":
                line = f"library.stock.password={CAPTURE_PASSWORD}\n"
                company.servers.connect_secrets.write_text(line)
            else:
                assert ready, one
        if any("restart" in (one["fix"] or "") for one in problems):
            company.restart_database()
    raise AssertionError(told.errors)


def test_a_user_whom_kafka_does_not_know_is_told_so(story: SimpleNamespace) -> None:
    [error] = json.loads(story.without_user.err)["errors"]
    assert error["error"] == "LoginFailed"
    assert error["where"].startswith("mesh.toml:")


def test_a_user_without_rights_is_told_which_it_lacks(story: SimpleNamespace) -> None:
    found = json.loads(story.without_rights.err)["errors"]
    assert {one["error"] for one in found} == {"ActionRefused"}
    assert all(one["where"].startswith("mesh.toml:") for one in found)
    assert any("list access rights" in one["what"] for one in found)


def test_everything_that_is_missing_was_said(story: SimpleNamespace) -> None:
    assert story.plans[0] == ["NoConnectRight"]
    assert set(story.plans[1]) == {
        "WalLevel",
        "UnlimitedWal",
        "NoneFree",
        "NoReplicationRight",
        "NoIdentityRight",
        "NoSelectRight",
        "RowsHidden",
        "NoPublicationRight",
    }
    assert story.plans[2:] == [["ConnectLoginFailed"], []]
    assert {one["where"].partition(":")[0] for one in story.errors} == {
        "domains/library/sources/stock.source.yaml"
    }


def test_the_role_still_has_few_rights(company: Company, story: SimpleNamespace) -> None:
    row = company.sql(
        "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'capture'"
    )
    assert row == [(False, False, False)]
    assert not company.sql("SELECT has_table_privilege('capture', 'copies', 'SELECT')")[0][0]
    assert company.sql("SELECT has_column_privilege('capture', 'copies', 'note', 'SELECT')") == [
        (False,)
    ]


def test_an_engine_without_its_password_says_which(
    company: Company, story: SimpleNamespace
) -> None:
    done = company.terminal.mesh("run")
    assert done.status == 2
    assert ENGINE in done.err
    assert "MESH_KAFKA_PASSWORD" in done.err


def test_documents_arrive_and_follow_the_database(company: Company, story: SimpleNamespace) -> None:
    for user in (ENGINE, READER):
        company.servers.put_user(user)
        assert f"{user} has to exist" in story.plan.out
    own = company.terminal.variables
    own["MESH_KAFKA_PASSWORD"] = company.servers.password(ENGINE)
    story.engine = company.terminal.start("run")
    own["MESH_KAFKA_PASSWORD"] = company.servers.password(READER)
    own["MESH_KAFKA_USERNAME"] = READER
    found = company.wait_for_documents(3)
    del own["MESH_KAFKA_PASSWORD"], own["MESH_KAFKA_USERNAME"]
    preview = company.terminal.mesh("preview", "library.books").lines
    assert {str(one["key"]): one["value"] for one in found} == {
        str(one["key"]): one["value"] for one in preview
    }


def test_nothing_is_left_to_do(company: Company, story: SimpleNamespace) -> None:
    done = company.terminal.mesh("plan", "--detailed-exitcode")
    assert done.status == 0, done.out + done.err


def test_the_password_stands_nowhere(company: Company, story: SimpleNamespace) -> None:
    said = [story.plan, story.apply, story.without_user, company.terminal.mesh("plan", "--json")]
    assert CAPTURE_PASSWORD not in "".join(one.out + one.err for one in said)
    shown = httpx.get(f"{company.servers.info.connect_url}/connectors/library.stock").text
    assert CAPTURE_PASSWORD not in shown
    assert "${file:" in shown


def test_a_second_environment_lives_beside_it(
    company: Company, story: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a namespace, and users that apply makes, of whom a file has the passwords."""
    users = [f"stage-{one}" for one in (ENGINE, READER)]
    passwords = tmp_path / "passwords.json"
    passwords.write_text(json.dumps({one: company.servers.password(one) for one in users}))
    company.terminal.variables["MESH_USER_PASSWORDS"] = str(passwords)
    monkeypatch.setitem(company.terminal.variables, "MESH_ENV", "stage")
    company.write_mesh({"": {"namespace": "stage"}}, environment="stage")
    company.servers.allow(admin_rights("stage-", mesh="stage-_mesh."))
    assert [*do_as_printed(company, SimpleNamespace(errors=[]))] == [["NoPublicationRight"], []]
    applied = company.terminal.mesh("apply", "--yes")
    assert applied.status == 0, applied.err
    engine = company.terminal.start("run")
    try:
        assert len(company.wait_for_documents(3)) == 3
    finally:
        engine.terminate()
        print(engine.communicate(timeout=60)[1])
    again = company.terminal.mesh("plan", "--detailed-exitcode")
    assert again.status == 0, again.out
