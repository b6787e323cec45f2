"""What a property promises beyond its type: its `logicalTypeOptions`, `quality` and `enum`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streammesh.contracts.bounds import multiple, range_of, type_range
from streammesh.contracts.checks import violated
from streammesh.contracts.patterns import BadPattern, search
from streammesh.contracts.property_types import FORMAT_RANGES, Place, nowhere
from streammesh.contracts.quality import allows_none
from streammesh.contracts.spelling import spell
from streammesh.contracts.types import (
    FREE,
    Array,
    Bytes,
    Date,
    Decimal,
    Field,
    Float,
    Integer,
    Json,
    Map,
    Record,
    Rules,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.documents.nearest import nearest
from streammesh.errors.contracts import BadRule

OPTIONS = "logicalTypeOptions"


_ORDERED = (Integer, Decimal, Float, Date, Time, Timestamp)
_OF: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _ORDERED),
    "multipleOf": (Integer, Decimal, Float),
    "pattern": (Text, Uuid),
    **dict.fromkeys(("minLength", "maxLength"), (Text, Bytes, Uuid)),
    **dict.fromkeys(("minItems", "maxItems", "uniqueItems", "dimensions"), (Array,)),
    **dict.fromkeys(("minProperties", "maxProperties"), (Record, Map, Json)),
}
"""What each option can be said of."""


def read_rules(field: str, said: Mapping[str, Any], type_: Type, place: Place = nowhere) -> Rules:
    """Read the rules of a property that are checked for each document.

    Args:
        field: dotted path of the property, for messages.
        said: the property as the contract says it.
        type_: the property's type.
        place: where its parts stand, for messages.

    Raises:
        BadRule: when a rule can't be checked for a value of this type, or allows no value.
    """
    reader = _Rules(field, said, type_, place)
    rules = reader.read()
    return rules if rules != FREE else FREE


class _Rules:
    def __init__(self, field: str, said: Mapping[str, Any], type_: Type, place: Place) -> None:
        self._field, self._said, self._type, self._place = field, said, type_, place
        self._options: Mapping[str, Any] = said.get(OPTIONS) or {}

    def read(self) -> Rules:
        self._check_meaning()
        least, most = self._range()
        rules = Rules(
            missing=self._missing(),
            never_null=any(_zero(rule, "nullValues") for rule in self._quality()) or self._no_null,
            least=least,
            most=most,
            multiple=self._multiple(),
            patterns=self._patterns(),
            min_size=self._min_size(),
            max_size=self._max_size(),
            unique=bool(self._options.get("uniqueItems", False)),
        )
        self._check_sizes(rules)
        return msgspec.structs.replace(rules, valid=self._valid(rules))

    def _check_meaning(self) -> None:
        """Refuse an option that promises nothing of the type: nobody would keep it."""
        for name in self._options:
            if not isinstance(self._type, _OF.get(name, object)):
                reason = f"`{name}` says nothing of {spell(self._type)}"
                raise self._bad(reason, "leave it out", f"{OPTIONS}.{name}")

    def _quality(self) -> Iterator[Mapping[str, Any]]:
        yield from self._said.get("quality") or ()

    def _bad(self, reason: str, fix: str, *parts: str) -> BadRule:
        return BadRule(field=self._field, reason=reason, where=self._place(*parts), fix=fix)

    def _range(self) -> tuple[Any, Any]:
        found = range_of(self._field, self._type, self._options, self._place)
        kind = str(self._options.get("format"))
        if not isinstance(self._type, Integer) or kind not in FORMAT_RANGES:
            return found
        smallest, greatest = FORMAT_RANGES[kind]
        if (smallest, greatest) == type_range(self._type):
            return found
        low = max([smallest, *([] if found[0] is None else [int(found[0])])])
        high = min([greatest, *([] if found[1] is None else [int(found[1])])])
        if low > high:
            option = f"{OPTIONS}.format"
            raise self._bad(f"no {kind} is in its range", "widen the range", option)
        return low, high

    def _multiple(self) -> int | None:
        if "multipleOf" not in self._options:
            return None
        return multiple(self._field, self._type, self._options["multipleOf"], self._place)

    def _patterns(self) -> tuple[str, ...]:
        written = [(f"{OPTIONS}.pattern", self._options.get("pattern"))]
        written += [
            ("quality", (rule.get("arguments") or {}).get("pattern"))
            for rule in self._quality()
            if _zero(rule, "invalidValues")
        ]
        return tuple(
            dict.fromkeys(self._pattern(at, one) for at, one in written if one is not None)
        )

    def _pattern(self, at: str, written: object) -> str:
        if not isinstance(self._type, Text | Uuid):
            raise self._bad("only texts can have a pattern", "leave it out", at)
        if not isinstance(written, str):
            raise self._bad("its pattern is no text", "put it in quotes", at)
        try:
            search(written)
        except BadPattern as error:
            reason = f"the pattern can't be searched for: {error}"
            raise self._bad(reason, "write it without that, or leave it out", at) from error
        return written

    def _min_size(self) -> int:
        return max([int(self._options.get(name, 0)) for name in self._size_names("min")] or [0])

    def _max_size(self) -> int | None:
        names = self._size_names("max")
        if isinstance(self._type, Array) and "dimensions" in self._options:
            return int(self._options["dimensions"])
        found = [int(self._options[name]) for name in names if name in self._options]
        return min(found) if found else None

    def _size_names(self, end: str) -> tuple[str, ...]:
        match self._type:
            case Text():
                return (f"{end}Length",) if end == "min" else ()
            case Bytes():
                return (f"{end}Length",)
            case Array():
                return (f"{end}Items", "dimensions")
            case Record() | Map() | Json():
                return (f"{end}Properties",)
            case _:
                return ()

    def _check_sizes(self, rules: Rules) -> None:
        most = self._type.length if isinstance(self._type, Text) else rules.max_size
        if most is not None and rules.min_size > most:
            reason = f"no value has at least {rules.min_size} and at most {most}"
            at = [f"{OPTIONS}.{name}" for name in ("minLength", "minItems", "minProperties")]
            raise self._bad(reason, "make the smaller one smaller", *at, OPTIONS)

    def _lists(self, metric: str, argument: str) -> Iterator[list[Any]]:
        for rule in self._quality():
            values = (rule.get("arguments") or {}).get(argument)
            if _zero(rule, metric) and values:
                if not isinstance(values, list):
                    fix = f"write it like `{argument}: [a, b]`"
                    raise self._bad(f"`{argument}` is no list", fix, "quality")
                yield values

    @property
    def _no_null(self) -> bool:
        """Tell whether a rule of missing values names NULL, or names nothing."""
        listed = list(self._lists("missingValues", "missingValues"))
        rules = sum(_zero(rule, "missingValues") for rule in self._quality())
        return len(listed) < rules or any(None in values for values in listed)

    def _missing(self) -> tuple[str | int, ...]:
        values = [one for found in self._lists("missingValues", "missingValues") for one in found]
        return self._of_kind([one for one in values if one is not None])

    def _valid(self, rules: Rules) -> tuple[str | int, ...]:
        lists = list(self._lists("invalidValues", "validValues"))
        if self._said.get("enum"):
            lists.append([entry["value"] for entry in self._said["enum"]])
        if not lists:
            return ()
        self._of_kind([value for values in lists for value in values])
        others = [set(other) for other in lists[1:]]
        common = [value for value in lists[0] if all(value in other for other in others)]
        if not common:
            reason = "no value is allowed by all of its rules"
            raise self._bad(reason, "keep one of the rules", "quality", "enum")
        for value in common:
            self._check_valid(value, rules)
        return tuple(dict.fromkeys(common))

    def _check_valid(self, value: str | int, rules: Rules) -> None:
        reason = violated(Field(self._field, self._type, rules=rules), value)
        if isinstance(self._type, Integer):
            least, most = type_range(self._type)
            reason = reason if least <= int(value) <= most else f"doesn't fit {spell(self._type)}"
        if isinstance(self._type, Text) and len(str(value)) > (
            self._type.length or len(str(value))
        ):
            reason = f"is longer than {self._type.length} characters"
        if reason is not None:
            said = f"its valid value {value!r} {reason}"
            raise self._bad(said, "take the value away, or change the rule", "quality", "enum")

    def _of_kind(self, values: list[Any]) -> tuple[str | int, ...]:
        if not values:
            return ()
        kind = {Text: str, Uuid: str, Integer: int}.get(type(self._type))
        if kind is None or (isinstance(self._type, Uuid) and values):
            reason = "only texts and integers can have a list of values"
            raise self._bad(reason, "leave out the rule", "quality", "enum")
        for value in values:
            if type(value) is not kind:
                reason = f"{value!r} is not of the property's type"
                raise self._bad(reason, "put it in quotes, or not", "quality", "enum")
        return tuple(dict.fromkeys(values))


def _zero(rule: Mapping[str, Any], metric: str) -> bool:
    """Tell whether a quality rule of that metric allows no document to break it."""
    return rule.get("metric") == metric and allows_none(rule)


def required_by_option(
    field: str, said: Mapping[str, Any], names: Mapping[str, Field], place: Place = nowhere
) -> frozenset[str]:
    """Give the properties that an object's option `required` names.

    Args:
        field: dotted path of the object.
        said: the object as the contract says it.
        names: its fields.
        place: where its parts stand, for messages.

    Raises:
        BadRule: when it has no such property.
    """
    wanted = (said.get(OPTIONS) or {}).get("required") or ()
    for index, name in enumerate(wanted):
        if name not in names:
            where = place(f"{OPTIONS}.required[{index}]", OPTIONS)
            reason = f"`required` names `{name}`, which is none of its properties"
            raise BadRule(field=field, reason=reason, where=where, fix=nearest(name, names))
    return frozenset(wanted)
