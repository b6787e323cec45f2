"""What release, deprecate and retire have in common: naming a version, showing edits, writing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from streammesh.cli.output import confirm
from streammesh.cli.printing import print_text, say
from streammesh.cli.version_control import WAIT_SECONDS
from streammesh.documents import selection
from streammesh.documents.values import Port, Workspace
from streammesh.errors.lifecycle import NoSuchVersion
from streammesh.planning.lifecycle.edits import Edit, difference, write

_VERSIONED = re.compile(r".+\.v[1-9][0-9]*\Z")
_COMMITS = 50
"""So many commits of a file are looked through for its text as it was applied."""


def versioned(workspace: Workspace, text: str) -> Port:
    """Give the version that somebody names with its major version.

    Raises:
        NoSuchVersion: the text names no major version.
        NoSuchProduct: there is none of that name.
    """
    if not _VERSIONED.match(text):
        newest = selection.port(workspace, text)
        fix = f"write `{newest.label}.v{newest.major}`"
        raise NoSuchVersion(text=f"`{text}`", fix=fix)
    return selection.port(workspace, text)


def put(workspace: Workspace, edits: Sequence[Edit], *, yes: bool, quiet: bool = False) -> bool:
    """Show edits on stdout unless `quiet`, ask, and write them.

    Returns:
        Whether they were written.

    Raises:
        NobodyToAsk: nobody can be asked, and `--yes` was not given.
    """
    if not quiet:
        print_text(difference(edits))
        sys.stdout.flush()
    files = "1 file" if len(edits) == 1 else f"{len(edits)} files"
    if not confirm(f"Write {files}?", yes=yes):
        say("nothing was changed")
        return False
    write(Path(workspace.root), edits)
    return True


def earlier_texts(root: Path, path: str) -> Iterator[str]:
    """Give the texts of a file in earlier commits, newest first; nothing without a repository."""
    log = _git(root, "log", f"--max-count={_COMMITS}", "--format=%H", "--", path)
    for commit in (log or "").split():
        text = _git(root, "show", f"{commit}:./{path}")
        if text is not None:
            yield text


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's git
            capture_output=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        return done.stdout.decode() if done.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
