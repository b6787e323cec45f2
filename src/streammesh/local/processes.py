"""Processes that outlive the command that starts them, and are never mistaken for others."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from streammesh.errors.local import LocalExtraMissing
from streammesh.local.state import ProcessRecord

try:
    import psutil  # type: ignore[import-untyped,unused-ignore]
except ImportError as error:
    raise LocalExtraMissing(package="psutil") from error

Process = psutil.Process

LOG_LIMIT = 10_000_000
# no more: options for other Java or PostgreSQL programs, or secrets, are not for ours
INHERITED = ("PATH", "HOME", "USER", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# psutil derives the start time from the boot time, which the clock's corrections move a little
START_TOLERANCE_S = 2.0


@dataclass(frozen=True)
class Command:
    """How to start a component.

    Attributes:
        argv: program and arguments; no secret among them, since every user sees them.
        user: user and group id to run as; None for the caller's own.
        environment: variables that it gets besides the few of INHERITED.
    """

    argv: Sequence[str]
    user: tuple[int, int] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def launch(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output appended to `log`."""
    _rotate(log)
    user, group = command.user or (None, None)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own arguments
            command.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment() | dict(command.environment),
            cwd="/",
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )


def spawn(command: Command, log: Path) -> ProcessRecord:
    """Start a process that outlives us."""
    process = launch(command, log)
    # without this, Python warns when it forgets the object while the process runs
    process.returncode = 0
    return ProcessRecord(process.pid, psutil.Process(process.pid).create_time())


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def find(record: ProcessRecord | None, mark: str) -> psutil.Process | None:
    """Give the recorded process if it still runs and is the one that was started.

    Args:
        record: the process; None gives None.
        mark: one of its arguments, which no other process of the machine has.
    """
    if record is None:
        return None
    _reap(record.pid)
    try:
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.started) < START_TOLERANCE_S
        return process if same and _is_ours(process, mark) else None
    except psutil.Error:
        return None


def find_marked(mark: str) -> list[psutil.Process]:
    """Give all running processes that have the mark, whoever recorded them."""
    return [process for process in psutil.process_iter() if _has_mark(process, mark)]


def kill_tree(process: psutil.Process) -> None:
    """Kill a process and its children at once, as a crash of the machine would."""
    tree = [process, *_children(process)]
    for one in tree:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(tree, timeout=10)


def kill_in_folder(folder: Path) -> None:
    """Kill all processes whose working directory is `folder`."""
    for process in psutil.process_iter():
        try:
            here = process.cwd() == str(folder)
        except psutil.Error:
            continue
        if here:
            kill_tree(process)


def stop(process: psutil.Process, stop_signal: signal.Signals, grace_s: float) -> bool:
    """Stop a process and wait for its end; killed when it takes longer than `grace_s` seconds.

    Returns:
        True when it stopped by itself.
    """
    for sent, patience in ((stop_signal, grace_s), (signal.SIGKILL, 10.0)):
        try:
            process.send_signal(sent)
            process.wait(patience)
        except psutil.NoSuchProcess:
            return sent is stop_signal
        except psutil.TimeoutExpired:
            continue
        else:
            return sent is stop_signal
    return False


def memory_of(process: psutil.Process) -> int:
    """Give the resident memory of a process and its children in bytes.

    Pages that they share count for each of them.
    """
    total = 0
    for one in [process, *_children(process)]:
        try:
            total += one.memory_info().rss
        except psutil.Error:
            continue
    return total


def holder_of(port: int) -> str:
    """Say in words which process listens on the loopback port, as far as this user may know."""
    try:
        listening = [
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        ]
        pid = next(pid for pid in listening if pid)
        return f"`{psutil.Process(pid).name()}` (process {pid})"
    except (psutil.Error, StopIteration):
        return "another process"


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def _has_mark(process: psutil.Process, mark: str) -> bool:
    try:
        return mark in process.cmdline()
    except psutil.Error:
        return False


def _is_ours(process: psutil.Process, mark: str) -> bool:
    """Check the arguments of a process that has the recorded id and start time."""
    if process.status() == psutil.STATUS_ZOMBIE:
        return False
    # a program that has only just been loaded shows no arguments for a moment
    arguments = process.cmdline()
    return not arguments or mark in arguments


def _reap(pid: int) -> None:
    """Collect the process if it is our own dead child, which would look alive otherwise."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def _rotate(log: Path) -> None:
    """Keep a log from growing for ever; the one before stays as `<name>.1`."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        os.replace(log, log.with_name(log.name + ".1"))
