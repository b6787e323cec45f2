"""What changes of the quality rules that no single value is checked by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streammesh.contracts.changes.kinds import Kind
from streammesh.contracts.quality import allows_none

Said = Mapping[str, Any]
Found = tuple[Kind, str, str, int]
"""A kind of change, what was said before and is said now, and which rule of the new ones it is
(-1 for one that is gone)."""

_CHECKED = frozenset({"nullValues", "missingValues", "invalidValues"})
_TOP = ("mustBeLessThan", "mustBeLessOrEqualTo")
_BOTTOM = ("mustBeGreaterThan", "mustBeGreaterOrEqualTo")
_OTHERS = ("mustBe", "mustNotBe", "mustBeBetween", "mustNotBeBetween")
_THRESHOLDS = (*_TOP, *_BOTTOM, *_OTHERS)


def quality_changes(old: Said, new: Said) -> Iterator[Found]:
    """Give what changes of the rules of a property, or of a document.

    Args:
        old: what the old contract says of it.
        new: likewise.
    """
    before, after = _rules(old), _rules(new)
    for key, (index, rule) in after.items():
        if key not in before:
            yield Kind.QUALITY_ADDED, "", _name(rule), index
        elif (kind := _compared(before[key][1], rule)) is not None:
            yield kind, _shown(before[key][1]), _shown(rule), index
    for key, (_, rule) in before.items():
        if key not in after:
            yield Kind.QUALITY_LOOSENED, _name(rule), "", -1
    if bool(old.get("unique")) != bool(new.get("unique")):
        unique = "unique" if new.get("unique") else ""
        kind = Kind.QUALITY_ADDED if unique else Kind.QUALITY_LOOSENED
        yield kind, "" if unique else "unique", unique, -1


def _rules(said: Said) -> dict[object, tuple[int, Said]]:
    """Give the rules by what they are of, but for those that are among a field's own."""
    found: dict[object, tuple[int, Said]] = {}
    for index, rule in enumerate(said.get("quality") or ()):
        if rule.get("metric") in _CHECKED and allows_none(rule):
            continue
        key, count = _identity(rule), 0
        while (key, count) in found:
            count += 1
        found[key, count] = index, rule
    return found


def _identity(rule: Said) -> object:
    """Give what makes a rule the same one: its id, its name, or what it looks at."""
    for name in ("id", "name"):
        if rule.get(name):
            return name, rule[name]
    parts = ["type", "metric", "rule", "unit", "arguments", "query", "engine", "implementation"]
    if rule.get("type") == "text":
        parts.append("description")
    said = [*map(rule.get, parts), _end(rule)]
    return msgspec.json.encode(said, order="deterministic")


def _end(rule: Said) -> str:
    """Give the side that a rule bounds: two rules may bound the same from both."""
    name = (_threshold(rule) or ("", None))[0]
    return {**dict.fromkeys(_TOP, "top"), **dict.fromkeys(_BOTTOM, "bottom")}.get(name, "")


def _compared(old: Said, new: Said) -> Kind | None:
    """Tell whether a rule was loosened or tightened; what can't be compared counts as loosened."""
    if _looks_at(old) != _looks_at(new):
        return Kind.QUALITY_LOOSENED
    before, after = _threshold(old), _threshold(new)
    if before == after:
        return None
    name = after[0] if after else ""
    if before is None or after is None or before[0] != name:
        return Kind.QUALITY_TIGHTENED if before is None else Kind.QUALITY_LOOSENED
    return Kind.QUALITY_TIGHTENED if _stricter(name, before[1], after[1]) else Kind.QUALITY_LOOSENED


def _stricter(name: str, before: Any, after: Any) -> bool:
    if name in _TOP:
        return bool(after < before)
    if name in _BOTTOM:
        return bool(after > before)
    if name == "mustBeBetween":
        return bool(before[0] <= after[0] and after[1] <= before[1])
    return False


def _looks_at(rule: Said) -> list[Any]:
    parts = ("type", "metric", "rule", "unit", "arguments", "engine", "implementation")
    return [*(rule.get(one) for one in parts), " ".join(str(rule.get("query") or "").split())]


def _threshold(rule: Said) -> tuple[str, Any] | None:
    return next(((one, rule[one]) for one in _THRESHOLDS if rule.get(one) is not None), None)


def _name(rule: Said) -> str:
    said = rule.get("name") or rule.get("metric") or rule.get("rule") or rule.get("description")
    return str(said or " ".join(str(rule.get("query") or rule.get("type") or "a rule").split()))


def _shown(rule: Said) -> str:
    found = _threshold(rule)
    return _name(rule) if found is None else f"{_name(rule)} {found[0]} {found[1]}"
