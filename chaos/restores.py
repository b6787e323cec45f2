"""The database fails over, is restored to an earlier point, or is another one at its address."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import psycopg

from chaos import ways_out
from chaos.cluster import Cluster, configure
from chaos.server import wait_until
from tests.integration.engine.world import World

Restore = Callable[[World, Cluster], None]


def _restored(restore: Restore, says: str, *, fenced: bool = True) -> Callable[[World], str]:
    """Bring another database to the address while everything runs, and do what the alarm says.

    Args:
        restore: brings it.
        says: what the plan has to name.
        fenced: the connector's sessions fail on another database, as they are configured. If not,
            the engine has to notice by itself, and to end.
    """

    def fault(world: World) -> str:
        cluster = Cluster(world.shop.stack)
        if not fenced:
            _take_fence_away(world)
        world.work(10)
        try:
            restore(world, cluster)
        finally:
            cluster.close()
            cluster.clear()
        past, world.history = world.history, {}
        told = _work_unseen(world, until_it_ends=not fenced)
        planned = ways_out.said_by(ways_out.plan(world))
        for one in [planned] if fenced else [planned, told]:
            if says not in one:
                raise AssertionError(f"nothing is said of the {says}: {one!r}")
        ways_out.nothing_wrong(world, past)
        world.order.clear()
        world.history.clear()
        return _go_on(world, f"{told}\n{planned}")

    return fault


def _take_fence_away(world: World) -> None:
    connect, name = world.shop.platform.connect, f"{world.shop.domain}.shop"
    config = dict(connect.connectors()[name].config)
    del config["database.initial.statements"]
    connect.put(name, config)
    world.work(5)
    ways_out.same(world)


def _go_on(world: World, told: str) -> str:
    """Do what was said; what comes then has to be what differs, and a rebuild finds no more."""
    before = ways_out.seen(world)
    ways_out.apply(world)
    if world.engines[-1].poll() is not None:
        world.start_engine()
    ways_out.same(world)
    after = ways_out.seen(world)
    count = ways_out.only_what_differs(before, after)
    ways_out.stop(world)
    world.start_engine(options=[part for topic in after for part in ("--rebuild", topic)])
    world.work(5)
    ways_out.same(world)
    return f"{told}\n{count} documents differed"


def _earlier(world: World, cluster: Cluster) -> None:
    """Restore a base backup and the WAL behind it up to a point that was passed long ago."""
    backup = cluster.backup("backup")
    world.work(10)
    world.shop.run("SELECT pg_create_restore_point('before')", "postgres")
    world.work(10)
    world.check()
    (backup / "recovery.signal").touch()
    configure(
        backup,
        restore_command=f'cp "{cluster.old}/pg_wal/%f" "%p"',
        recovery_target_name="before",
        recovery_target_action="promote",
    )
    cluster.put(backup)
    # the next backup of this server is no restore
    for setting in ("restore_command", "recovery_target_name", "recovery_target_action"):
        world.shop.run(f"ALTER SYSTEM RESET {setting}", "postgres")


def _failed_over(world: World, cluster: Cluster) -> None:
    """Promote a standby that has all that the primary had, and the slot."""
    standby, port = _standby(world, cluster)
    world.work(10)
    world.check()
    caught_up = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
    ((at,),) = world.shop.run("SELECT pg_current_wal_lsn()")
    with psycopg.connect(cluster.url("postgres", port), autocommit=True) as there:
        wait_until(
            lambda: there.execute(caught_up, (at,)).fetchone() == (True,), 30, "standby catches up"
        )
    _promoted(cluster, standby, port)


def _failed_over_behind(world: World, cluster: Cluster) -> None:
    """Promote a standby that never got the last transactions, which consumers have seen."""
    standby, port = _standby(world, cluster)
    cluster.close()
    world.work(10)
    world.check()
    world.shop.stack.kill("postgres")
    cluster.beside(standby, port)
    _promoted(cluster, standby, port)


def _standby(world: World, cluster: Cluster) -> tuple[Path, int]:
    """Start a standby that keeps the source's slot in step; give its folder and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    standby = cluster.backup(
        "standby", "-R", "-C", "-S", world.shop.domain, "-d", "dbname=postgres"
    )
    configure(standby, sync_replication_slots="on", hot_standby_feedback="on")
    cluster.beside(standby, port)
    synced = "SELECT 1 FROM pg_replication_slots WHERE slot_name = %s AND synced AND NOT temporary"
    slot = world.deployed_source.slot

    def kept() -> bool:
        world.work(1)
        try:
            with psycopg.connect(cluster.url("postgres", port)) as there:
                return there.execute(synced, (slot,)).fetchone() is not None
        except psycopg.OperationalError:
            return False

    wait_until(kept, 90, "the standby has the slot")
    return standby, port


def _promoted(cluster: Cluster, standby: Path, port: int) -> None:
    def promoted() -> bool:
        try:
            with psycopg.connect(cluster.url("postgres", port), autocommit=True) as there:
                there.execute("SELECT pg_promote()")
                return there.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,)
        except psycopg.OperationalError:
            return False

    wait_until(promoted, 60, "the standby is promoted")
    cluster.close(cleanly=True)
    cluster.put(standby)


def _another_system(world: World, cluster: Cluster) -> None:
    """Load a dump into another system at the same address, with a slot of the same name."""
    domain, slot = world.shop.domain, world.deployed_source.slot
    dump = cluster.run("pg_dump", "--inserts", "-d", cluster.url(domain))
    cluster.make_anew()
    world.shop.run(f'CREATE DATABASE "{domain}"', "postgres")
    # what psql itself wants to hear is no SQL
    world.shop.run("\n".join(one for one in dump.splitlines() if not one.startswith("\\")))
    world.shop.run(f"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')")


def _put_back(world: World, cluster: Cluster) -> None:
    """Put back a copy of the data directory: an earlier time, and the same timeline."""
    backup = cluster.folder.with_name("backup")
    world.shop.stack.kill("postgres")
    shutil.rmtree(backup, ignore_errors=True)
    shutil.copytree(cluster.folder, backup, symlinks=True)
    world.shop.stack.start_component("postgres")
    world.work(20)
    world.check()
    cluster.put(backup)


def _work_unseen(world: World, *, until_it_ends: bool) -> str:
    """Go on working on the other database until the engine has told that something is wrong."""
    engine = world.engines[-1]

    def told() -> bool:
        world.work(3, 0.1)
        if until_it_ends:
            return engine.poll() is not None
        return "nothing has come to the private log" in world.log.read_text()

    wait_until(told, 90, "the engine tells")
    return ways_out.ends(world) if until_it_ends else ""


earlier = _restored(_earlier, "timeline")
failed_over = _restored(_failed_over, "timeline")
failed_over_unfenced = _restored(_failed_over, "timeline", fenced=False)
failed_over_behind = _restored(_failed_over_behind, "timeline")
another_system = _restored(_another_system, "system")
# not in the catalogue: nobody notices it yet, as docs/reliability.md says
put_back = _restored(_put_back, "went back")
