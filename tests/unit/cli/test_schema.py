import json
from pathlib import Path

import pytest

from streammesh.cli.main import run
from streammesh.documents.editors import KINDS


def test_a_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "source"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Source"


def test_without_a_kind_the_kinds_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(KINDS)


def test_an_unknown_kind_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "sorce"]) == 2
    assert "write `source`" in capsys.readouterr().err


def test_all_are_written_into_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mesh.toml").write_text('[mesh]\nname = "a"\n')
    monkeypatch.chdir(tmp_path)
    assert run(["schema", "--write"]) == 0
    assert ".mesh/schemas/source.json" in capsys.readouterr().out
    assert len(list((tmp_path / ".mesh/schemas").iterdir())) == len(KINDS)
