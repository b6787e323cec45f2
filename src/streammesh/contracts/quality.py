"""The quality rules of a contract that look at more than one value: SQL, and values shared.

What is said of a single value is read by `rules`. What is here or there is enforced for each
document; all other quality rules describe many documents at once, and are for a reconciliation:
see docs/quality.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as _field
from typing import Any

from streammesh.contracts.types import Array, Map, Record
from streammesh.documents.nearest import nearest
from streammesh.documents.values import ContractFile
from streammesh.errors import Location, MeshError
from streammesh.errors.contracts import BadRule

Said = Mapping[str, Any]


@dataclass(frozen=True)
class SqlRule:
    """A rule in SQL as the contract says it.

    Attributes:
        field: dotted path of the property that it stands at; empty for the document.
        query: the SQL.
        name: what the contract calls it, or its SQL.
        where: its place.
    """

    field: str
    query: str
    name: str
    where: Location | None = _field(compare=False, default=None)


@dataclass(frozen=True)
class Quality:
    """Rules that look at more than one value.

    Attributes:
        distinct: dotted paths of fields that no two documents may have alike, rule by rule.
        sql: rules in SQL.
    """

    distinct: tuple[tuple[str, ...], ...] = ()
    sql: tuple[SqlRule, ...] = ()


def allows_none(rule: Said) -> bool:
    """Tell whether a quality rule allows no document to break it, so that each can be checked."""
    if rule.get("mustBe") is False:
        return False
    none = rule.get("mustBe") == 0 or rule.get("mustBeLessOrEqualTo") == 0
    return none or rule.get("mustBeLessThan") == 1


def read_quality(file: ContractFile, fields: Record) -> tuple[Quality, list[MeshError]]:
    """Read the rules of a contract that look at more than one value.

    Args:
        file: the contract, with one schema object.
        fields: the document, as `contract.examine` reads it.

    Returns:
        The rules, and what is wrong with them.
    """
    reader = _Reader(file, fields)
    (schema,) = file.document["schema"]
    reader.read("schema[0]", "", schema)
    return Quality(tuple(dict.fromkeys(reader.distinct)), tuple(reader.sql)), reader.errors


class _Reader:
    def __init__(self, file: ContractFile, fields: Record) -> None:
        self._places = file.places
        self._fields = fields
        self._key = tuple(
            one["name"]
            for one in file.document["schema"][0].get("properties") or ()
            if one.get("primaryKey")
        )
        self.distinct: list[tuple[str, ...]] = []
        self.sql: list[SqlRule] = []
        self.errors: list[MeshError] = []

    def read(self, at: str, path: str, said: Said) -> None:
        """Read the rules of a property (of the document: an empty path), and of those in it."""
        if said.get("unique") and path:
            self._guarded(lambda: self._unique(f"{at}.unique", path, (path,)))
        for index, rule in enumerate(said.get("quality") or ()):
            where = f"{at}.quality[{index}]"
            self._guarded(lambda rule=rule, where=where: self._rule(where, path, rule))  # type: ignore[misc]
        for below_at, below, inner in _inner(at, path, said):
            self.read(below_at, below, inner)

    def _guarded(self, part: Callable[[], None]) -> None:
        try:
            part()
        except BadRule as error:
            self.errors.append(error)

    def _place(self, at: str) -> Location | None:
        while at and at not in self._places:
            at = at.rpartition(".")[0]
        return self._places.get(at)

    def _rule(self, at: str, path: str, rule: Said) -> None:
        if rule.get("type") == "sql":
            self._sql(at, path, rule)
        elif rule.get("metric") == "duplicateValues" and allows_none(rule):
            named = (rule.get("arguments") or {}).get("properties")
            if named is not None and not isinstance(named, list):
                reason = "`properties` is no list"
                raise self._bad(path, reason, f"{at}.arguments", "write it like [a, b]")
            if not named and not path:
                reason = "it doesn't say of which fields"
                raise self._bad(path, reason, at, "add `arguments: {properties: [a, b]}`")
            self._unique(at, path, tuple(map(str, named)) if named else (path,))

    def _sql(self, at: str, path: str, rule: Said) -> None:
        query = rule.get("query")
        if not isinstance(query, str) or not query.strip():
            raise self._bad(path, "it has no query", at, "add `query`")
        if not allows_none(rule):
            reason = "it allows some documents to break it, so that none of them can be refused"
            fix = "write `mustBe: 0` and a WHERE that no document may meet, or `type: custom`"
            raise self._bad(path, reason, at, fix)
        name = rule.get("name") or rule.get("description") or " ".join(query.split())
        self.sql.append(SqlRule(path, query, str(name), self._place(f"{at}.query")))

    def _unique(self, at: str, path: str, fields: Sequence[str]) -> None:
        for one in fields:
            self._check_alone(at, path, one)
        if tuple(fields) == self._key or set(self._key) <= set(fields):
            return  # there is one document for each key
        self.distinct.append(tuple(fields))

    def _check_alone(self, at: str, path: str, field: str) -> None:
        record = self._fields
        for name in field.split("."):
            found = record.field(name) if isinstance(record, Record) else None
            if found is None:
                if "[]" in field or "{}" in field:
                    reason = f"`{field}` has several values in one document"
                    fix = "say it of a field of the document; of a list's elements: uniqueItems"
                    raise self._bad(path, reason, at, fix)
                names = [one.name for one in self._fields.fields]
                raise self._bad(path, f"there is no field `{field}`", at, nearest(field, names))
            record = found.type  # type: ignore[assignment]
        if isinstance(record, Record | Array | Map):
            raise self._bad(path, f"`{field}` is no single value", at, "name a field in it")

    def _bad(self, path: str, reason: str, at: str, fix: str | None) -> BadRule:
        where = self._place(at)
        return BadRule(field=path or "the document", reason=reason, where=where, fix=fix)


def _inner(at: str, path: str, said: Said) -> Iterator[tuple[str, str, Said]]:
    dot = f"{path}." if path else ""
    for index, one in enumerate(said.get("properties") or ()):
        yield f"{at}.properties[{index}]", f"{dot}{one['name']}", one
    if said.get("items"):
        yield f"{at}.items", f"{path}[]", said["items"]
    value = (said.get("map") or {}).get("value")
    if value:
        yield f"{at}.map.value", f"{path}{{}}", value
