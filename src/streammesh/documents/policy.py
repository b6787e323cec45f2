"""A policy as a value: a question about the mesh whose answers are violations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from streammesh.documents.files import SourceText
from streammesh.errors import Location

BLOCK, WARN = "block", "warn"

_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")


def printable(text: str) -> str:
    """Give a text on one line, and without what moves a terminal's cursor or turns its writing."""
    return _UNSHOWN.sub(" ", text).strip()


def domain_of(subject: str) -> str:
    """Give the domain of a subject: `sales` of `sales.orders.v1`, `sales/report` and `sales`."""
    return subject.partition("/")[0].partition(".")[0]


@dataclass(frozen=True)
class PolicyException:
    """What a policy allows for a while.

    Attributes:
        subject: to what; all that stands below it too: `sales.orders` covers `sales.orders.v1`.
        reason: why.
        owner: who answers for it.
        expires: the last day on which it holds.
        where: its place.
    """

    subject: str
    reason: str
    owner: str
    expires: date
    where: Location | None = field(default=None, compare=False)

    def covers(self, subject: str) -> bool:
        """Tell whether it is about a subject."""
        return subject == self.subject or subject.startswith(
            (f"{self.subject}.", f"{self.subject}/")
        )

    def expired(self, today: date) -> bool:
        """Tell whether it holds no more."""
        return today > self.expires


@dataclass(frozen=True)
class Policy:
    """A rule of governance as SQL over what the mesh knows (`kind: Policy`).

    Attributes:
        domain: whose it is, and whose things alone it judges; empty for one that holds everywhere.
        name: the policy's name.
        description: why it is there.
        owner: `team`, `email`.
        severity: "block" or "warn".
        message: what is said of a violation; `{column}` stands for a column of the query.
        fix: what to do about it, of the same form; empty when the policy doesn't say.
        query: one SELECT; its column `subject` names what violates the policy.
        exceptions: what it allows for a while.
        path: the file.
        source: the file's text.
        query_place: where the query stands in it.
        places: the location of single values by dotted path.
    """

    domain: str
    name: str
    description: str
    owner: Mapping[str, str]
    severity: str
    message: str
    fix: str
    query: str
    exceptions: tuple[PolicyException, ...]
    path: str
    source: SourceText = field(compare=False, repr=False)
    query_place: Location = field(compare=False, repr=False)
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)

    @property
    def label(self) -> str:
        """What a person calls it: `naming`, or `sales/naming` for a domain's own."""
        return f"{self.domain}/{self.name}" if self.domain else self.name

    @property
    def blocks(self) -> bool:
        """Whether a violation stops a plan."""
        return self.severity == BLOCK

    @property
    def answers(self) -> str:
        """Who answers for it: team and address."""
        return f"{self.owner.get('team', '')} <{self.owner.get('email', '')}>"

    def in_query(self, offset: int | None) -> Location:
        """Give the place of a character of the query; that of the query where it isn't known.

        Args:
            offset: 0-based, in characters.
        """
        before = self.query[: offset or 0]
        number, column = before.count("\n"), len(before) - before.rfind("\n")
        start = self.query_place.line
        written = self.source.lines[start - 1 : start] if offset is not None else ()
        if not any(one.rstrip().endswith(("|", "|-", "|+")) for one in written):
            return self.query_place
        line = self.query.split("\n")[number]
        found = self.source.lines[start + number : start + number + 1]
        indent = len(found[0]) - len(line) if found and found[0].endswith(line) else 0
        return self.source.at(start + number + 1, indent + column)
