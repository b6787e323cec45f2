"""Make the notice of a version that ends, for each consumer that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from streammesh.catalog.consumers import Consumer
from streammesh.catalog.notice_book import NoticeBook, moment
from streammesh.catalog.notices import Notice, Recipient
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class MakeNotice(Step):
    """Make a notice; one that is there gets the consumers that it lacks.

    Attributes:
        notice: what is told.
        consumers: names of those who will be told, as far as is known when it is planned.
    """

    notice: Notice = field(hash=False)
    consumers: tuple[str, ...]

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.NOTICES
    kind: ClassVar[str] = "notice"
    verb: ClassVar[str] = "make notice"

    @property
    def subject(self) -> str:
        """Give its name."""
        return self.notice.notice

    @property
    def detail(self) -> str:
        """Say to whom it goes."""
        return f"to {', '.join(self.consumers)}" if self.consumers else "nobody is known to use it"

    @property
    def why(self) -> str:
        """Say what it is there for."""
        return "who uses a version is told before it ends"

    @property
    def affects(self) -> str:
        """Say who notices."""
        return ", ".join(self.consumers)

    @property
    def undo(self) -> str:
        """Say how to undo it."""
        return "`status: active` again: nobody is reminded any more; who was told stays told"

    @property
    def details(self) -> Mapping[str, Any]:
        """Give what is told, and to whom."""
        return {
            "version": self.notice.asset,
            "until": self.notice.until or None,
            "instead": self.notice.instead or None,
            "consumers": list(self.consumers),
        }

    def apply(self, platform: Platform) -> None:
        """Make it for those who use the version by now."""
        if platform.catalog is None:  # then no plan has this step
            return
        asset = self.notice.asset
        consumers = platform.catalog.consumers([asset])[asset]
        made = replace(self.notice, made_at=moment(), made_by=platform.applied_by)
        found = (recipient(made, one) for one in consumers if one.name)
        NoticeBook(platform.catalog).make(made, found)


def recipient(notice: Notice, one: Consumer) -> Recipient:
    """Give what a notice keeps of a consumer that somebody declared."""
    return Recipient(notice.notice, one.name, one.domain, one.consumer, one.contact, one.fields)
