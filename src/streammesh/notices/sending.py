"""Send what is to be told, each thing to each consumer once, and keep what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.notice_book import NoticeBook, moment
from streammesh.catalog.notices import DEPRECATED, EVENT, Delivery, Notice, Recipient, Told
from streammesh.errors import MeshError
from streammesh.errors.lifecycle import NoticesUndelivered
from streammesh.notices.channels import Channels
from streammesh.notices.due import pending
from streammesh.notices.events import NoticeEvents
from streammesh.notices.message import message
from streammesh.platform.notice_topic import NoticeTopic

ENOUGH_FAILURES = 3
"""After so many failures of a channel in a row its server is left alone until the next time."""


@dataclass(frozen=True)
class Sent:
    """What became of what was to be told.

    Attributes:
        delivered: what was delivered now.
        failed: what was tried and failed, with its problem.
        waiting: how many were not tried, since their channel had failed too often.
    """

    delivered: tuple[Delivery, ...] = ()
    failed: tuple[Delivery, ...] = ()
    waiting: int = 0

    def check(self) -> None:
        """Say what was not delivered.

        Raises:
            NoticesUndelivered: when there is anything.
        """
        if not self.failed:
            return
        count = len(self.failed) + self.waiting
        lines = [f"{one.channel} to {one.consumer}: {one.problem}" for one in self.failed]
        lines += [f"{self.waiting:,} more were not tried"] if self.waiting else []
        delivered = len(self.delivered)
        lines += [f"{delivered:,} delivered, and not sent again"] if delivered else []
        things = "1 notice" if count == 1 else f"{count:,} notices"
        raise NoticesUndelivered(count=things, why="\n".join(lines))


@dataclass(frozen=True)
class Waiting:
    """Something to be told."""

    notice: Notice
    recipient: Recipient
    delivery: Delivery


class Notifier:
    """Tells consumers, by the topic of notices and the channels of an environment."""

    def __init__(
        self,
        topic: NoticeTopic,
        events: NoticeEvents,
        channels: Channels,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        """Take what it sends by, and what tells the day."""
        self._topic = topic
        self._events = events
        self._channels = channels
        self._today = today

    def pending(self, catalog: Catalog, assets: Collection[str]) -> tuple[Waiting, ...]:
        """Give what is still to be told to the consumers of versions that end.

        Args:
            catalog: its tables stand.
            assets: deprecated versions; of others nothing is told.
        """
        using = {
            asset: {one.name for one in found} for asset, found in catalog.consumers(assets).items()
        }
        return tuple(
            Waiting(told.notice, recipient, delivery)
            for told in newest(catalog.notices(assets))
            for recipient, delivery in pending(
                told, using[told.notice.asset], self._ways, self._today()
            )
        )

    def _ways(self, recipient: Recipient) -> tuple[str, ...]:
        return (EVENT, *self._channels.ways(recipient))

    def send(self, catalog: Catalog, assets: Collection[str]) -> Sent:
        """Tell what is still to be told; what fails is kept, and tried again at the next call.

        Args:
            catalog: its tables stand.
            assets: deprecated versions.

        Raises:
            MissingSecret, BadNoticeAddress: an address can't be used.
        """
        book, failures = NoticeBook(catalog), Counter[str]()
        delivered: list[Delivery] = []
        failed: list[Delivery] = []
        waiting = 0
        for one in self.pending(catalog, assets):
            channel = one.delivery.channel
            if failures[channel] >= ENOUGH_FAILURES:
                waiting += 1
            elif book.begin(one.delivery):
                done = self._tell(book, one)
                (failed if done.problem else delivered).append(done)
                failures[channel] = failures[channel] + 1 if done.problem else 0
        return Sent(tuple(delivered), tuple(failed), waiting)

    def _tell(self, book: NoticeBook, one: Waiting) -> Delivery:
        """Tell it, and keep how that ended, whatever happens."""
        problem = "it was broken off"
        try:
            problem = self._problem(one)
        finally:
            done = replace(one.delivery, problem=problem, delivered_at="" if problem else moment())
            book.end(done)
        return done

    def _problem(self, one: Waiting) -> str:
        if one.delivery.channel != EVENT:
            said = message(one.notice, one.recipient, one.delivery.occasion)
            return self._channels.send(one.delivery.channel, one.recipient, said)
        try:
            self._topic.write([self._events.of(one.notice, one.recipient)])
        except MeshError as error:
            return error.what
        return ""


def newest(told: Iterable[Told]) -> tuple[Told, ...]:
    """Give the newest notice of each version: an earlier one holds no more.

    Args:
        told: notices, the newest first.
    """
    found: dict[str, Told] = {}
    for one in told:
        if one.notice.kind == DEPRECATED:
            found.setdefault(one.notice.asset, one)
    return tuple(found.values())
