"""Send the notices that are made and not delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform


@dataclass(frozen=True)
class SendNotices(Step):
    """Tell the consumers of versions that end; what is delivered is delivered once.

    Attributes:
        assets: the versions.
        waiting: how many deliveries are waiting already, beside those of this plan's own notices.
    """

    assets: tuple[str, ...]
    waiting: int = 0

    usual_change: ClassVar[Change] = Change.CHANGE
    phase: ClassVar[Phase] = Phase.TELLING
    kind: ClassVar[str] = "notices"
    verb: ClassVar[str] = "send notices of"

    @property
    def subject(self) -> str:
        """Name the versions."""
        return ", ".join(self.assets)

    @property
    def detail(self) -> str:
        """Say what was left from earlier."""
        return f"{self.waiting:,} not delivered yet" if self.waiting else "to those who use it"

    @property
    def why(self) -> str:
        """Say what it is there for."""
        return "who uses a version is told before it ends"

    @property
    def undo(self) -> str:
        """It can't be taken back."""
        return "what was said was said"

    def apply(self, platform: Platform) -> None:
        """Send them.

        Raises:
            NoticesUndelivered: some could not be delivered; they are tried again next time.
        """
        if platform.catalog is None or platform.notifier is None:  # then no plan has this step
            return
        platform.notifier.send(platform.catalog, self.assets).check()
