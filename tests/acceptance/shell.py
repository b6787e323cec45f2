"""A person at a terminal: types what a page says, answers what is asked, reads what comes."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

PROMPT = "typed-and-done:"
WIDTH = 100
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")


class Shell:
    """A bash on a terminal of its own, in which `mesh` is the program under test."""

    def __init__(self, folder: Path) -> None:
        self._ours, theirs = os.openpty()
        termios.tcsetwinsize(theirs, (50, WIDTH))
        environment = {name: one for name, one in os.environ.items() if not name.endswith("_URL")}
        programs = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
        environment |= {"PATH": programs, "TERM": "xterm", "PS1": "", "PS2": "", "NO_COLOR": "1"}
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile", "--noediting"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        program = f"'{sys.executable}' -m streammesh.cli.main"
        self.type(f'stty -echo; mesh() {{ {program} "$@"; }}')

    def type(self, line: str, seconds: float = 120) -> tuple[int, str]:
        """Type a line and wait for its end; every question is answered with yes.

        Returns:
            Exit status, and what stood on the terminal.
        """
        # on the same line: what asks a question would read the next one as its answer
        os.write(self._ours, f"{line}; echo '{PROMPT[:5]}''{PROMPT[5:]}'$?\n".encode())
        deadline, text = time.monotonic() + seconds, ""
        while True:
            assert time.monotonic() < deadline, f"{line}\n{text}"
            if select.select([self._ours], [], [], 0.5)[0]:
                text += os.read(self._ours, 65_536).decode(errors="replace")
            if text.rstrip().endswith("[y/N]:"):
                os.write(self._ours, b"y\n")
                text += "\n"
            if found := re.search(rf"{PROMPT}(\d+)", text):
                return int(found[1]), _seen(text[: found.start()])

    def close(self) -> None:
        self._bash.kill()
        self._bash.wait()
        os.close(self._ours)


def _seen(text: str) -> str:
    """Give what is left to be read: without colours, and without what was written over."""
    return _OVERWRITTEN.sub("", _CONTROL.sub("", text)).replace("\r", "")
