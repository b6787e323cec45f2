"""What became of a domain's records: every change is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from streammesh.catalog.schema import history


@dataclass(frozen=True)
class Past:
    """A change that was recorded.

    Attributes:
        at: when, UTC, ISO 8601.
        who: who applied it.
        commit: from which commit of the files; empty when it is not known.
        record: the table.
        key: the record's key, JSON.
        change: "added", "changed" or "removed".
        before: the record as it was, JSON; None for an added one.
    """

    at: str
    who: str
    commit: str
    record: str
    key: str
    change: str
    before: str | None


def past(connection: Connection, domain: str, limit: int) -> tuple[Past, ...]:
    """Give the last changes of a domain's records, newest first."""
    query = select(history).where(history.c.domain == domain)
    rows = connection.execute(query.order_by(history.c.id.desc()).limit(limit)).all()
    return tuple(
        Past(one.at, one.who, one.commit, one.record, one.key, one.change, one.before)
        for one in rows
    )
