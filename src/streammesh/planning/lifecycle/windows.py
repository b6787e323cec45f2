"""How long a version that ends goes on, and what counts as still used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True)
class Windows:
    """The times of a version's end.

    Attributes:
        weeks: how long a deprecated version goes on where nobody says another day.
        seen_days: a consumer that was seen within so many days uses the version.
    """

    weeks: int = 8
    seen_days: int = 7

    def last_day(self, today: date) -> date:
        """Give the last day of a version that is deprecated today."""
        return today + timedelta(weeks=self.weeks)


def windows() -> Windows:
    """Give the times that hold; they are the same for every product."""
    return Windows()


def today() -> date:
    """Give the day, the same everywhere: that of UTC."""
    return datetime.now(UTC).date()
