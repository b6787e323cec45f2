"""The catalog's part that keeps notices; see `streammesh.catalog.notices`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from streammesh.catalog import notices
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.notices import Delivery, Forced, Notice, Recipient

AT_WORK = timedelta(minutes=2)
"""How long one who has begun a delivery is waited for; a server answers or fails sooner."""


def moment(at: datetime | None = None) -> str:
    """Give a moment as the catalog keeps it; now when None."""
    return (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="microseconds")


class NoticeBook:
    """Notices, deliveries, answers and forced retirements in a catalog.

    Raises:
        CatalogUnreachable: from every call, when the database refuses or is away.
    """

    def __init__(self, catalog: Catalog) -> None:
        """Take the catalog; its tables have to stand."""
        self._catalog = catalog

    def make(self, notice: Notice, recipients: Iterable[Recipient]) -> None:
        """Make a notice, or add consumers to one that is there; all or nothing."""
        with self._catalog.writing() as connection:
            notices.make(connection, notice, recipients)

    def answer(self, said: Recipient) -> None:
        """Keep what a consumer answers."""
        with self._catalog.writing() as connection:
            notices.answer(connection, said)

    def begin(self, wanted: Delivery, at: datetime | None = None) -> bool:
        """Begin a delivery; gives whether it is ours to deliver."""
        now = at or datetime.now(UTC)
        with self._catalog.writing() as connection:
            stale = moment(now - AT_WORK)
            return notices.begin(connection, wanted, at=moment(now), stale=stale)

    def end(self, done: Delivery) -> None:
        """Keep how a delivery ended."""
        with self._catalog.writing() as connection:
            notices.end(connection, done)

    def force(self, forced: Forced) -> None:
        """Keep that a version is retired by force, and why."""
        with self._catalog.writing() as connection:
            notices.force(connection, forced)

    def forced(self, assets: Collection[str]) -> tuple[Forced, ...]:
        """Give what was forced for versions, oldest first."""
        with self._catalog.reading() as connection:
            return notices.forced(connection, assets)

    def applied(self, asset: str) -> None:
        """Keep that a forced retirement has been done."""
        with self._catalog.writing() as connection:
            notices.applied(connection, asset, moment())
