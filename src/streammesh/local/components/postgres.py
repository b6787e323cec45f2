"""PostgreSQL: loopback, TCP only, passwords by SCRAM, logical decoding on."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, Signals

import psycopg

from streammesh.errors.local import SecretsLost
from streammesh.local import processes
from streammesh.local.files import write_private
from streammesh.local.ports import HOST
from streammesh.local.postgres_user import Runner, runner_for
from streammesh.local.processes import Command
from streammesh.local.setting import Run, Setting

SUPERUSER = "postgres"
# PostgreSQL keeps at most this much log for a capture that is away, then gives the slot up
CONFIGURATION = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
wal_level = logical
max_wal_senders = 20
max_replication_slots = 20
max_slot_wal_keep_size = '4GB'
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d '
"""


@dataclass(frozen=True)
class Postgres:
    """The component `postgres`."""

    name: str = "postgres"
    needs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ("postgres",)
    deadline_s: float = 60
    grace_s: float = 20
    stop_signal: Signals = SIGINT

    def mark(self, setting: Setting) -> str:
        """Give its data folder."""
        return str(_cluster(setting))

    def prepare(self, setting: Setting, run: Run) -> None:
        """Make the database cluster once; a half-made one is made anew."""
        runner = _runner(setting)
        runner.install()
        place = _place(setting)
        if has_data(setting):
            if not setting.secrets.internal_file.exists():
                raise SecretsLost(file=setting.secrets.internal_file, component=self.name)
            _clear_after_crash(_cluster(setting))
            return
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700, parents=True)
        password_file = place / "password"
        write_private(password_file, setting.secrets.internal("postgres") + "\n")
        runner.own(place)
        cluster = _cluster(setting)
        run(runner.command("initdb", [*_INITDB, "-D", str(cluster), f"--pwfile={password_file}"]))
        password_file.unlink()
        # a file of its own, so that ALTER SYSTEM still wins over it
        (cluster / "streammesh.conf").write_text(CONFIGURATION)
        with (cluster / "postgresql.conf").open("a") as file:
            file.write("include 'streammesh.conf'\n")
        runner.own(cluster / "streammesh.conf")
        (place / "ready").touch()

    def command(self, setting: Setting) -> Command:
        """Start it in the foreground."""
        arguments = ["-D", str(_cluster(setting)), "-p", str(setting.ports["postgres"])]
        return _runner(setting).command("postgres", arguments)

    def is_ready(self, setting: Setting) -> bool:
        """Log in as the superuser."""
        try:
            with psycopg.connect(
                host=HOST,
                port=setting.ports["postgres"],
                user=SUPERUSER,
                password=setting.secrets.internal("postgres"),
                dbname="postgres",
                connect_timeout=3,
            ):
                return True
        except psycopg.OperationalError:
            return False


_INITDB = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-sync",
)


def has_data(setting: Setting) -> bool:
    """Say whether there is a database cluster."""
    return (_place(setting) / "ready").exists()


def _clear_after_crash(cluster: Path) -> None:
    """Remove the lock file of a server that is gone, which a recycled process id would keep valid.

    Sessions of that server may still be ending; none may write beside the next server.
    """
    if (cluster / "postmaster.pid").exists():
        processes.kill_in_folder(cluster)
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _runner(setting: Setting) -> Runner:
    return runner_for(setting.tools.postgres, setting.postgres_home)


def _place(setting: Setting) -> Path:
    home = setting.postgres_home
    return setting.layout.data("postgres") if home is None else home / "data"


def _cluster(setting: Setting) -> Path:
    return _place(setting) / "cluster"
