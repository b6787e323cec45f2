"""What an engine has done since it started; in = out + unchanged + filtered + quarantined."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass
class Counters:
    """Counts since the start.

    Attributes:
        transactions: of the source, processed.
        changes: rows in them.
        repeated: transactions that the log held a second time.
        rounds: evaluations in bulk.
        commits: Kafka transactions.
        documents: documents that were evaluated ("in").
        published: events written, tombstones included ("out").
        unchanged: evaluated, and as published before.
        filtered: evaluated, no document, and none published before.
        quarantined: evaluated, and not publishable.
        replayed: transactions processed again after a crash, published before it.
        told: what went to quarantine last and why, in words; empty when nothing did.
    """

    transactions: int = 0
    changes: int = 0
    repeated: int = 0
    rounds: int = 0
    commits: int = 0
    documents: int = 0
    published: int = 0
    unchanged: int = 0
    filtered: int = 0
    quarantined: int = 0
    replayed: int = 0
    told: str = ""

    def as_dict(self) -> dict[str, int]:
        """Give all counts by name."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "told"}

    def restore(self, before: Counters) -> None:
        """Go back to earlier counts: what was done since is done again."""
        for name, value in before.as_dict().items():
            setattr(self, name, value)

    @property
    def balanced(self) -> bool:
        """Whether in = out + unchanged + filtered + quarantined."""
        out = self.published + self.unchanged + self.filtered + self.quarantined
        return self.documents == out
