"""What all commands print, and how."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from streammesh.cli import main, output, printing
from streammesh.cli.main import run
from streammesh.errors.copied import COMMANDS

CLI = Path(printing.__file__).parent
PRINTING = {"printing.py"}
NOT_FOR_PEOPLE = {"handing_over.py", "schema.py"}
"""A password is handed over as it is, and the schemas are streammesh's own."""


def _prints(module: Path) -> bool:
    calls = (one for one in ast.walk(ast.parse(module.read_text())) if isinstance(one, ast.Call))
    return any(isinstance(one.func, ast.Name) and one.func.id == "print" for one in calls)


def test_commands_print_through_one_place() -> None:
    found = {one.name for one in CLI.glob("*.py") if _prints(one)}
    assert found - {"output.py"} == PRINTING | NOT_FOR_PEOPLE


def _commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _commands(found, (*path, name))
    else:
        yield " ".join(path), command


def test_those_commands_name_the_environment_that_take_one() -> None:
    takes = re.compile("|".join(COMMANDS))
    for name, command in _commands(main.mesh, ()):
        has = any(one.name == "environment_name" for one in command.params)
        assert bool(takes.fullmatch(name)) == has, name


def test_texts_of_others_stand_on_their_line(capsys: pytest.CaptureFixture[str]) -> None:
    printing.print_lines(["  reason: \x1b[2J\nuser x can't log in", "next"])
    assert capsys.readouterr().out == "  reason: \\x1b[2J user x can't log in\nnext\n"
    printing.say("\x1b[31mred")
    assert capsys.readouterr().err == "\\x1b[31mred\n"
    output.print_json({"a": "\x9b"})
    assert "\x9b" not in capsys.readouterr().out


def test_tables_and_consoles_do_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output.console(stderr=False)
    shown.print(output.table(["why"], [["a\x1b[2J\nb"]]))
    shown.print("\x1b]0;x\x07", markup=False)
    lines = [one.rstrip() for one in capsys.readouterr().out.splitlines()]
    assert lines == ["why", "a\\x1b[2J b", "\\x1b]0;x\\x07"]


@pytest.mark.parametrize(
    ("arguments", "mesh_env", "fix"),
    [
        (["--env", "local"], "", "`mesh search` finds"),
        (["--env", "local"], "shared", "`mesh search --env local` finds"),
        (["--env", "shared"], "", "`mesh search --env shared` finds"),
        ([], "shared", "`mesh search --env shared` finds"),
        ([], "", "`mesh search` finds"),
    ],
)
def test_a_command_to_copy_is_about_the_same_environment(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    mesh_env: str,
    fix: str,
) -> None:
    monkeypatch.setenv("MESH_ENV", mesh_env)
    monkeypatch.setattr("streammesh.cli.lineage.opened", _refuse)
    assert run(["lineage", "a.b", *arguments]) == 2
    assert fix in capsys.readouterr().err
    printing.say("`mesh search` finds")
    assert capsys.readouterr().err == "`mesh search` finds\n"


def _refuse(_: object) -> None:
    raise click.UsageError("nothing: `mesh search` finds what there is")
