"""Commands in what is said, so that they do the same when they are copied.

Who names an environment, by `--env` or MESH_ENV, copies `mesh apply` out of a plan for that
environment, and must not apply to another one.
"""

from __future__ import annotations

import re
import textwrap
from contextvars import ContextVar

ENVIRONMENT: ContextVar[str] = ContextVar("environment", default="")
"""The environment that copied commands have to name; empty where they need no name."""

COMMANDS = (
    "access (?:approve|deny|history|list|request|revoke)",
    "ack",
    "apply",
    "check migration",
    "consume",
    "consumers",
    "deprecate",
    "domain (?:list|transfer)",
    "impact",
    "lineage",
    "notices(?: list| send)?",
    "plan",
    "policy (?:check|list)",
    "preview",
    "quarantine (?:discard|list|replay|show)",
    "release",
    "retire",
    "run",
    "search",
    "show",
    "status",
)
"""The commands that take `--env`."""

_COMMAND = re.compile(rf"(?<![\w./-])mesh (?:{'|'.join(COMMANDS)})(?![\w:-])(?P<rest>[^`\n]*)")


_HELD = "\0"
_QUOTED = re.compile(r"`mesh [^`\n]*`")


def broken(line: str, room: int) -> list[str]:
    """Break a line between words; a command in backquotes stays whole where the room is enough.

    Args:
        line: without line breaks.
        room: how many characters fit.
    """
    held = _QUOTED.sub(lambda found: _held(found[0], room), line)
    lines = textwrap.wrap(held, room, break_long_words=False, break_on_hyphens=False)
    return [one.replace(_HELD, " ") for one in lines]


def _held(command: str, room: int) -> str:
    return command.replace(" ", _HELD) if len(command) < room else command


def copied(text: str) -> str:
    """Give a text whose commands name the environment that this command was run with."""
    name = ENVIRONMENT.get()
    return _COMMAND.sub(lambda found: _named(found, name), text) if name else text


def _named(found: re.Match[str], name: str) -> str:
    rest = found["rest"]
    if "--env" in rest or "--help" in rest:
        return found[0]
    return f"{found[0].removesuffix(rest)} --env {name}{copied(rest)}"
