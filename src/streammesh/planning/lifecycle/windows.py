"""How long a version that ends goes on, and what counts as still used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from streammesh.planning.weighing.version_users import FORGOTTEN


@dataclass(frozen=True)
class Windows:
    """The times of a version's end.

    Attributes:
        weeks: how long a deprecated version goes on where neither anybody nor a policy says.
        seen_days: a consumer that was seen within so many days uses the version.
        forgotten_days: one that nobody declared and that was away for so long is over.
    """

    weeks: int = 8
    seen_days: int = 7
    forgotten_days: int = FORGOTTEN.days

    def lately(self, today: date) -> str:
        """Give the first day that counts as lately, ISO 8601."""
        return (today - timedelta(days=self.seen_days)).isoformat()

    def forgotten(self, today: date) -> str:
        """Give the first day that is not long ago, ISO 8601."""
        return (today - timedelta(days=self.forgotten_days)).isoformat()


def today() -> date:
    """Give the day, the same everywhere: that of UTC."""
    return datetime.now(UTC).date()
