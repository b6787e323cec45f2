"""Who may read what, said once more and simply: what random deeds are compared with.

A grant is one of a subscription's version to an application. It comes to be in two ways: an owner
approves, or an apply finds a version that is the domain's own or open to all and that this domain
was not refused last. It ends in five: revoked, expired, the version retired or restricted, the
file gone or another's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from streammesh.planning.access.deciding import Approval
from tests.unit.planning.access.world import REPOSITORIES, Reads, Version

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Grant:
    consumer: str
    expires: str = ""
    named: bool = False


class Model:
    """The grants, and what was refused last."""

    def __init__(self) -> None:
        self.grants: dict[Key, Grant] = {}
        self.refused: dict[tuple[str, ...], bool] = {}
        self.lingering: dict[tuple[str, str], str] = {}
        """What an application read whose apply was killed, until its domain's next one."""
        self.limits: dict[Key, tuple[str, str]] = {}
        """Until when which application was granted what a restriction cut, if that is sure."""

    def may_read(self) -> set[tuple[str, str]]:
        return {
            (f"mesh.{domain}.{grant.consumer}", asset)
            for (domain, _, asset), grant in self.grants.items()
        } | self.lingering.keys()

    def decided(self, key: Key, *, refused: bool) -> None:
        domain, _, asset = key
        self.refused[key] = self.refused[domain, asset] = refused
        self.limits.pop(key, None)

    def approved(self, key: Key, consumer: str, approval: Approval, *, whole: bool) -> None:
        before, limit = self.grants.get(key), self.limits.pop(key, ("", ""))[1]
        if not whole and before is not None:
            # nobody knows whether it was recorded: what is allowed is the longer of the two
            days = (before.expires, approval.expires or "")
            longer = "" if "" in days else max(days)
            self.grants[key] = Grant(consumer, longer, before.named or bool(approval.fields))
            return
        expires = limit if approval.expires is None else approval.expires
        named = bool(approval.fields)
        if before is not None:
            expires = before.expires if approval.expires is None else approval.expires
            named = named or before.named
        self.grants[key] = Grant(consumer, expires, named)
        self.decided(key, refused=False)

    def revoked(self, key: Key) -> None:
        if self.grants.pop(key, None) is not None:
            self.decided(key, refused=True)

    def expire(self, domain: str, today: date) -> None:
        """End what is over of a domain's subscriptions."""
        for key, grant in list(self.grants.items()):
            if key[0] == domain and grant.expires and grant.expires < today.isoformat():
                self.revoked(key)
        self.limits = {key: one for key, one in self.limits.items() if one[1] >= today.isoformat()}

    def applied(
        self,
        repository: str,
        subscriptions: Mapping[tuple[str, str], Reads],
        seen: Mapping[str, Version],
        today: date,
        *,
        whole: bool,
    ) -> None:
        """Say what an apply of a repository does.

        Args:
            repository: whose files.
            subscriptions: the files of all.
            seen: the versions as this repository sees them.
            today: the day.
            whole: whether it came to its end; else only what begins is sure to be allowed.
        """
        here = REPOSITORIES[repository]
        mine = {
            (domain, name, reads.asset): reads
            for (domain, name), reads in subscriptions.items()
            if domain in here
        }
        kept = replace_all(self)
        begun = self._begin(mine, seen)
        for key, grant in begun.items():
            self.grants[key] = grant
            self.decided(key, refused=False)
        left = {key for key in self.grants if key[0] in here and key not in mine}
        self._end(self.grants.keys() - left - begun.keys(), here, seen, today)
        self._withdraw(here, mine)
        self._end(self.grants.keys() & left, here, seen, today)
        if whole:
            self.lingering = {one: of for one, of in self.lingering.items() if of not in here}
            self._forget_limits(here, mine)
        else:
            for (domain, name, asset), before in kept.grants.items():
                after = self.grants.get((domain, name, asset), before)
                if after.consumer != before.consumer:
                    self.lingering[f"mesh.{domain}.{before.consumer}", asset] = domain
            self.grants, self.limits = {**kept.grants, **self.grants}, {}
            self.refused = {
                key: said and kept.refused.get(key, False) for key, said in self.refused.items()
            }

    def _forget_limits(self, here: tuple[str, ...], mine: Mapping[Key, Reads]) -> None:
        """Forget until when was granted what is withdrawn, or asked for by another."""
        self.limits = {
            key: (consumer, day)
            for key, (consumer, day) in self.limits.items()
            if key[0] not in here or (key in mine and mine[key].consumer == consumer)
        }

    def _begin(self, mine: Mapping[Key, Reads], seen: Mapping[str, Version]) -> dict[Key, Grant]:
        """Give what is granted at once; an application that is another than before asks anew."""
        begun = {}
        for key, reads in mine.items():
            before = self.grants.get(key)
            if before is not None and before.consumer == reads.consumer:
                continue
            self.grants.pop(key, None)
            if self.refused.get(key) or self.refused.get((key[0], key[2])):
                continue
            version = seen.get(key[2], Version("retired"))
            own = key[0] == key[2].partition(".")[0]
            if version.status != "retired" and (own or version.classification in ("", "internal")):
                begun[key] = Grant(reads.consumer)
        return begun

    def _withdraw(self, here: tuple[str, ...], mine: Mapping[Key, Reads]) -> None:
        """End what the files no longer ask for, but for who waits for another version."""
        for key in list(self.grants):
            if key[0] in here and key not in mine:
                to = _moving(key, mine)
                if to is None or to in self.grants:
                    del self.grants[key]

    def _end(
        self, keys: set[Key], here: tuple[str, ...], seen: Mapping[str, Version], today: date
    ) -> None:
        """End what is over, retired, or restricted without having been granted by name."""
        for key in keys:
            grant, domain, owner = self.grants[key], key[0], key[2].partition(".")[0]
            if domain not in here and owner not in here:
                continue
            version = seen.get(key[2], Version("retired"))
            over = bool(grant.expires) and grant.expires < today.isoformat()
            if version.status == "retired" or over:
                self.revoked(key)
            elif version.classification == "restricted" and not grant.named and domain != owner:
                del self.grants[key]
                self.limits[key] = grant.consumer, grant.expires


def replace_all(model: Model) -> Model:
    """Give the model as it is."""
    other = Model()
    other.grants, other.refused = dict(model.grants), dict(model.refused)
    return other


def _moving(key: Key, mine: Mapping[Key, Reads]) -> Key | None:
    """Give the other version of the same product that a subscription now asks for."""
    domain, name, asset = key
    product = asset.rpartition(".v")[0]
    for other in mine:
        if other[:2] == (domain, name) and other[2].rpartition(".v")[0] == product:
            return other
    return None
