"""What is said, and which exit status is given, when a command doesn't end well."""

from __future__ import annotations

import errno
import json
import os
import sys
import tempfile
import traceback

import click

from streammesh.cli.colours import wants_colour
from streammesh.cli.printing import print_line, say
from streammesh.errors import ExitCode, MeshError
from streammesh.errors.commands import Misused
from streammesh.errors.rendering import flatten, render

INTERRUPTED = 130
"""As shells do it: 128 + SIGINT."""

READER_GONE = 141
"""As shells do it: 128 + SIGPIPE."""


def report(error: BaseException, arguments: list[str]) -> int:
    """Say on stderr what went wrong.

    Args:
        error: what a command raised, `SystemExit` and `KeyboardInterrupt` included.
        arguments: the command line; with `--json` in it errors are JSON.

    Returns:
        The exit status.
    """
    match error:
        case MeshError():
            status = _mesh_error(error, as_json="--json" in arguments)
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            status = int(ExitCode.USAGE)
        case click.ClickException():
            status = _mesh_error(_misused(error), as_json="--json" in arguments)
        case click.Abort():
            status = _aborted(error)
        case KeyboardInterrupt():
            status = INTERRUPTED
        case SystemExit(code=int(status)):
            pass
        case OSError(errno=errno.EPIPE):
            status = _reader_gone()
        case UnicodeEncodeError() if (odd := _no_text(arguments)) is not None:
            status = _mesh_error(odd, as_json="--json" in arguments)
        case _:
            status = _bug(error)
    return status


def _mesh_error(error: MeshError, *, as_json: bool) -> int:
    if as_json:
        content = {"errors": [one.as_dict() for one in flatten(error)]}
        print_line(json.dumps(content, ensure_ascii=False), stderr=True)
    else:
        say(render(error, colour=wants_colour(sys.stderr)), colours=True)
    return int(error.exit_code)


def _no_text(arguments: list[str]) -> MeshError | None:
    """Name the argument that holds bytes which are no UTF-8; Python has them as surrogates."""
    for one in arguments:
        shown = one.encode(errors="replace").decode()
        if shown != one:
            return Misused(message=f"`{shown}` holds bytes that are no UTF-8", fix="type it anew")
    return None


def _misused(error: click.ClickException) -> MeshError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "mesh"
    return Misused(message=error.format_message().rstrip("."), fix=f"see {path} --help")


def _aborted(error: click.Abort) -> int:
    """Tell Ctrl-C, which click turns into Abort, from an answer that never came."""
    interrupted = isinstance(error.__cause__ or error.__context__, KeyboardInterrupt)
    return INTERRUPTED if interrupted else int(ExitCode.FAILED)


def _reader_gone() -> int:
    """Be quiet, also when the interpreter flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_GONE


def _bug(error: BaseException) -> int:
    if os.environ.get("MESH_DEBUG") == "1":
        traceback.print_exception(error)
        return int(ExitCode.FAILED)
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    say(f"error: this is a bug in streammesh ({what})")
    say(f"  details: {_keep(error)}")
    say("  fix: please report it with that file; MESH_DEBUG=1 shows it here")
    return int(ExitCode.FAILED)


def _keep(error: BaseException) -> str:
    """Write the traceback to a file that its owner alone can read, and give its path."""
    handle, path = tempfile.mkstemp(prefix="streammesh-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        traceback.print_exception(error, file=file)
    return path
