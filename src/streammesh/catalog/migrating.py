"""Bring a catalog's tables to the form that this streammesh knows, or refuse what is newer."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from streammesh.errors.catalog import CatalogForeign, CatalogTooNew, CatalogTooOld

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 0x6D657368
"""The number of PostgreSQL's advisory lock that writers of a catalog take."""


def take_turns(connection: Connection) -> None:
    """Wait until no other transaction writes to the catalog; SQLite did so at its beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def form(connection: Connection) -> str | None:
    """Give the form that the tables have; None where there are none."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str:
    """Give the form that this streammesh writes; the scripts are read once."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    return str(revision)


def readable(connection: Connection) -> bool:
    """Tell whether the tables can be read as they are; False where there are none.

    Raises:
        CatalogTooOld, CatalogTooNew: they have another form.
    """
    found = form(connection)
    if found is None:
        return False
    if found == newest():
        return True
    known = ScriptDirectory.from_config(_config())
    if found in {one.revision for one in known.walk_revisions()}:
        raise CatalogTooOld(found=found, known=newest())
    raise CatalogTooNew(found=found)


def migrate(connection: Connection) -> None:
    """Bring the tables to the newest form, in the transaction of this connection.

    Args:
        connection: in a transaction that may write; when two open a new catalog at once, the
            second waits and then finds the tables.

    Raises:
        CatalogTooNew: a newer streammesh wrote them.
        CatalogForeign: the database holds tables, and none of them are ours.
    """
    take_turns(connection)
    config = _config()
    found, known = form(connection), ScriptDirectory.from_config(config)
    if found == known.get_current_head():
        return
    if found is None:
        _check_empty(connection)
    elif found not in {one.revision for one in known.walk_revisions()}:
        raise CatalogTooNew(found=found)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _check_empty(connection: Connection) -> None:
    tables = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
    if tables:
        more = f" and {len(tables) - 3} more" if len(tables) > 3 else ""
        raise CatalogForeign(tables=", ".join(tables[:3]) + more)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
