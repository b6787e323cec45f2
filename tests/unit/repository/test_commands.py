"""Every command that pages and `--help` tell to type is one that `mesh` takes, options included."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from streammesh.cli.main import COMMANDS, mesh

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`(mesh [^`]+)`")
_TYPED = re.compile(r"(?:^|[\s({\"'])mesh (?=[-a-z])")
_END = re.compile(r"[|;&<>)]|,\s|\s{3,}|…|\s->")


def typed(text: str) -> Iterator[str]:
    """Give what stands behind each `mesh` that a text tells to type."""
    for block in (*_FENCED.findall(text), *_INDENTED.findall(_FENCED.sub("", text))):
        for line in block.splitlines():
            words = line.strip().removeprefix("- run: ").removeprefix("$ ")
            if words.startswith(("mesh ", "eval ", "export ")):
                yield from _commands(words)
    yield from (found[1] for found in _INLINE.finditer(text))


def _commands(line: str) -> Iterator[str]:
    said = line.split(" #", maxsplit=1)[0]
    for found in _TYPED.finditer(said):
        yield f"mesh {said[found.end() :]}"


def words(command: str) -> list[str]:
    """Split a command line as a shell does, up to what is another command or said about it."""
    text = _END.split(command, maxsplit=1)[0]
    try:
        return shlex.split(text)[1:]
    except ValueError:  # a quote that what was cut off closes
        return text.replace("'", " ").replace('"', " ").split()[1:]


def wrong(arguments: list[str]) -> str:
    """Say what `mesh` does not know of a command line; empty when it knows all of it."""
    command: click.Command = mesh
    while isinstance(command, click.Group) and arguments:
        if arguments[0] == "-C":
            arguments = arguments[2:]
            continue
        context = click.Context(command)
        inner = None if arguments[0].startswith("-") else command.get_command(context, arguments[0])
        if inner is not None:
            command, arguments = inner, arguments[1:]
        elif type(command).parse_args is not click.Group.parse_args:  # it puts `list` before
            command = command.commands["list"]
        elif arguments[0].startswith("-"):
            break
        else:
            return f"no command {arguments[0]}"
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    options = {one.partition("=")[0] for one in arguments if re.match(r"--?[a-zA-Z]", one)}
    if command.context_settings.get("ignore_unknown_options"):
        return ""
    return ", ".join(sorted(options - known - {"-h", "--help"}))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_pages_tell_to_type_can_be_typed(page: Path) -> None:
    said = {one: wrong(words(one)) for one in typed(page.read_text(encoding="utf-8"))}
    assert {one: problem for one, problem in said.items() if problem} == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("`mesh plan --env production`", ""),
        ("`mesh access aprove a/b`", "no command aprove"),
        ('    $ eval "$(mesh env --fore x)"\n', "--fore"),
        ("```console\n$ mesh plan --jsn; echo $?\n```\n", "--jsn"),
        ("    mesh psql -c 'CREATE DATABASE library'\n", ""),
        ("    mesh -C there check migration x --sorce y   # so\n", "--sorce"),
        ("`mesh nonsense`", "no command nonsense"),
    ],
)
def test_what_is_wrong_is_found(text: str, problem: str) -> None:
    (command,) = typed(text)
    assert wrong(words(command)) == problem


def every_command() -> Iterator[tuple[str, ...]]:
    """Give every command and each of its parts, as they are typed."""
    for name in COMMANDS:
        command = mesh.get_command(click.Context(mesh), name)
        yield (name,)
        if isinstance(command, click.Group):
            yield from ((name, inner) for inner in command.list_commands(click.Context(command)))


@pytest.mark.parametrize("path", tuple(every_command()), ids=" ".join)
def test_help_explains_each_option_and_has_its_examples_on_lines_of_their_own(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    mesh.main([*path, "--help"], standalone_mode=False)
    said = capsys.readouterr().out
    assert "\\b" not in said
    assert [line for line in said.splitlines() if line.count(" mesh ") > 1] == []
    assert [wrong(words(one)) for one in typed(said) if wrong(words(one))] == []
    command = mesh
    for name in path:
        command = command.get_command(click.Context(command), name)
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []
