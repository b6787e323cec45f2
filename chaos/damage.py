"""A state file that is gone, cut off, changed, from an older backup, or that can't be written."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chaos.namespace import NotHere
from chaos.server import Running
from chaos.world import World

NOBODY = 65534


def _damaged(damage: Callable[[World, Path], None]) -> Callable[[World, int], int]:
    """Damage the state between two engines, after a clean end and after a kill."""

    def fault(world: World, count: int) -> int:
        world.begin()
        for number in range(count):
            world.work(10)
            engine = world.catch_up()
            if number % 2:
                engine.kill()
            else:
                world.end(engine)
            damage(world, world.state())
            world.work(10)
            world.survive()
        return count

    return fault


def _delete(world: World, _path: Path) -> None:
    world.remove_state()


def _truncate(world: World, path: Path) -> None:
    os.truncate(path, world.dice.randrange(path.stat().st_size))


def _flip(world: World, path: Path) -> None:
    """Flip some bits of the file, anywhere."""
    with path.open("r+b") as file:
        for _ in range(world.dice.choice((1, 3, 30))):
            place = world.dice.randrange(path.stat().st_size)
            file.seek(place)
            byte = file.read(1)[0]
            file.seek(place)
            file.write(bytes([byte ^ 1 << world.dice.randrange(8)]))


def _rubbish(world: World, path: Path) -> None:
    path.write_bytes(world.dice.randbytes(20_000))


deleted = _damaged(_delete)
truncated = _damaged(_truncate)
flipped = _damaged(_flip)
rubbish = _damaged(_rubbish)


def older_backup(world: World, count: int) -> int:
    """Put an older copy in place of the state, and the state of another engine."""
    world.begin()
    backups = [world.state().read_bytes()]
    for _ in range(count):
        world.work(15)
        world.settle()
        backups.append(world.state().read_bytes())
        world.remove_state()
        world.state().write_bytes(world.dice.choice(backups))
        world.work(5)
        world.survive()
    return count


def read_only(world: World, count: int) -> int:
    """Let an engine run that may not write its state."""
    world.begin()
    for _ in range(count):
        world.work(10)
        folder = world.state().parent
        world.state().chmod(0o444)
        folder.chmod(0o555)
        folder.parent.chmod(0o711)
        user: dict[str, Any] = {"user": NOBODY} if os.geteuid() == 0 else {}
        try:
            world.must_tell(world.start(**user))
        finally:
            folder.chmod(0o700)
            world.state().chmod(0o600)
        world.survive()
    return count


def file_size_limit(world: World, count: int) -> int:
    """Let no file of the engine's grow over a few pages more than it has."""
    world.begin()
    for _ in range(count):
        limit = world.state().stat().st_size + world.dice.randrange(1, 60_000)
        engine = world.start(fsize=limit)
        _work_on(world, engine)
        world.survive()
    return count


def disk_full(world: World, count: int) -> int:
    """Keep the state on a disk so small that it gets full.

    Raises:
        NotHere: nothing can be mounted.
    """
    world.begin()
    disk = world.folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        raise NotHere(f"nothing can be mounted ({mounted.stderr.strip()})")
    try:
        for _ in range(count):
            (disk / "filler").unlink(missing_ok=True)
            world.settle(state="disk/state")
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            (disk / "filler").write_bytes(bytes(max(0, free - world.dice.randrange(40_000))))
            _work_on(world, world.start(state="disk/state"))
        (disk / "filler").unlink()
        world.survive(state="disk/state")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
    return count


def few_file_handles(world: World, count: int) -> int:
    """Let an engine have fewer files and connections than it needs."""
    world.begin()
    for _ in range(count):
        engine = world.start(nofile=world.dice.randrange(8, 40))
        _work_on(world, engine, seconds=6)
        world.survive()
    return count


def _work_on(world: World, engine: Running, seconds: float = 10) -> None:
    """Work until the engine has ended by itself, or for a while; it counts if it told."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and engine.status is None:
        world.work(5)
        time.sleep(0.02)
    world.note_end(engine)
