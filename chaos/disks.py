"""Disks that get full: Kafka's and PostgreSQL's, each on a small file system of its own.

Mounting one takes a namespace of one's own, which Linux mostly lets everybody have; in it a disk is
really full, and nothing of it is left when the run has ended, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from chaos import ways_out
from chaos.cluster import Cluster
from chaos.namespace import NotHere, no_namespace
from chaos.server import wait_until
from streammesh.local.stack import Stack
from tests.integration.engine.world import World

ROOMY = "4g"


@dataclass(frozen=True)
class Disk:
    """A disk that is mounted for a component's data."""

    folder: Path

    def fill(self, spare: int) -> None:
        """Leave so many bytes."""
        there = os.statvfs(self.folder)
        used = (there.f_blocks - there.f_bfree) * there.f_frsize
        self._resize(str(used + spare))

    def free(self) -> None:
        """Give it room again."""
        self._resize(ROOMY)

    def _resize(self, size: str) -> None:
        # with both named, mount asks for nothing but this; a namespace refuses the rest
        _run("mount", "-o", f"remount,size={size}", "tmpfs", str(self.folder))


@contextlib.contextmanager
def small_disk(stack: Stack, component: str, folder: Path) -> Iterator[Disk]:
    """Put a component's data on a disk of its own while the block runs.

    Raises:
        NotHere: nothing can be mounted.
    """
    if why := no_namespace():
        raise NotHere(f"nothing can be mounted ({why})")
    disk = Disk(folder)
    with _moved(stack, component, folder) as kept:
        folder.mkdir()
        _run("mount", "-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", str(folder))
        _run("cp", "-a", f"{kept}/.", str(folder))
    try:
        yield disk
    finally:
        disk.free()
        with _moved(stack, component, folder, leave=True):
            copy = folder.with_name("copy")
            _run("cp", "-a", str(folder), str(copy))
            _run("umount", "-l", str(folder))
            folder.rmdir()
            copy.rename(folder)
            _run("rm", "-rf", str(folder.with_name("kept")))


@contextlib.contextmanager
def _moved(stack: Stack, component: str, folder: Path, *, leave: bool = False) -> Iterator[Path]:
    """Stop a component, put its folder away, and start it when the block has made another."""
    if any(one.name == component and one.pid for one in stack.status()):
        stack.kill(component)
    kept = folder.with_name("kept")
    if not leave:
        folder.rename(kept)
    yield kept
    stack.start_component(component)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def kafka(world: World) -> str:
    """Fill the broker's disk while a shop works, then give it room and start what ended."""
    stack = world.shop.stack
    with small_disk(stack, "kafka", stack.layout.data("kafka")) as disk:
        _recovered(world)
        told = world.log.stat().st_size
        disk.fill(150_000)
        stop = threading.Event()
        work = threading.Thread(target=_work_until, args=(world, stop))
        work.start()
        try:
            wait_until(lambda: _down(stack), 120, "the broker ends on a full disk")
            wait_until(lambda: _trouble(world, told) != "", 180, "the engine tells")
        finally:
            stop.set()
            work.join()
        said = _trouble(world, told)
        disk.free()
        stack.start_component("kafka")
        _recovered(world)
        world.check()
    _recovered(world)
    return said


def postgres(world: World) -> str:
    """Fill the database's disk until it takes no commit, then give it room."""
    stack = world.shop.stack
    with small_disk(stack, "postgres", Cluster(stack).folder) as disk:
        world.shop.run("CREATE TABLE filler (id int, text text)")
        world.work(5)
        disk.fill(2_000_000)
        refused = _refused(world)
        disk.free()
        stack.start_component("postgres")
        _settle_doubt(world)
        _recovered(world)
        world.work(10)
        world.check()
    _recovered(world)
    return refused


def _work_until(world: World, stop: threading.Event) -> None:
    while not stop.is_set():
        world.work(1, 0.1)


def _down(stack: Stack) -> bool:
    return any(one.name == "kafka" and one.pid is None for one in stack.status())


def _trouble(world: World, since: int) -> str:
    told = world.log.read_text()[since:]
    said = (one for one in told.splitlines() if "trying again" in one or "nothing has come" in one)
    return "\n".join(said)[-500:]


def _refused(world: World, seconds: float = 60) -> str:
    """Work until the database takes no transaction of the shop's any more; give what it said."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg.Error):
            fill = "INSERT INTO filler SELECT i, repeat('x', 900) FROM generate_series(1, 300) i"
            world.shop.run(fill)
        try:
            for _ in range(5):
                world.work(1)
        except psycopg.Error as error:
            return str(error).strip()
    raise TimeoutError("the database takes all on a full disk")


def _settle_doubt(world: World) -> None:
    """Find out whether the transaction whose commit nobody answered has been committed."""
    if world.in_doubt is None:
        return
    full_txid, found = world.in_doubt
    ((status,),) = world.shop.run(f"SELECT pg_xact_status('{full_txid}'::xid8)")
    if status == "committed":
        world.note(full_txid, found)


def _recovered(world: World) -> None:
    """Wait until changes come through again; what a plan has to do is done, as its alarm says."""
    deadline = time.monotonic() + 120
    while True:
        try:
            if ways_out.plan(world).steps:
                ways_out.apply(world)
            world.prove(20)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return
