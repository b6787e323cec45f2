"""A namespace of our own, in which disks can be mounted that nobody else sees."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

INSIDE = "STREAMMESH_CHAOS_NAMESPACE"


class NotHere(Exception):
    """A fault can't be done on this machine; says why."""


def enter(module: str, arguments: Sequence[str]) -> None:
    """Start this program again in a namespace in which it may mount; go on where it may not."""
    if INSIDE in os.environ:
        return
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    namespace = ("unshare", *user, "--mount")
    with tempfile.TemporaryDirectory() as place:
        mount = (*namespace, "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place)
        try:
            done = subprocess.run(mount, capture_output=True, text=True, check=False)
            why = done.stderr.strip() if done.returncode else ""
        except OSError as error:
            why = str(error)
    if why:
        os.environ[INSIDE] = f"no: {why}"
        return
    command = (*namespace, sys.executable, "-m", module, *arguments)
    os.execvpe(command[0], command, os.environ | {INSIDE: "yes"})


def no_namespace() -> str:
    """Say why this program may not mount; empty when it may."""
    said = os.environ.get(INSIDE, "no: the program was not started in a namespace")
    return "" if said == "yes" else said.removeprefix("no: ")
