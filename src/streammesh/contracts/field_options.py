"""What a property says in its `stream` custom property: `unit`, `avro`, `unknown`, `default`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streammesh.contracts.assignment import assigner
from streammesh.contracts.avro_names import NAME, proposal
from streammesh.contracts.checks import violated
from streammesh.contracts.property_types import Place, nowhere
from streammesh.contracts.types import (
    Array,
    Decimal,
    Enum,
    Field,
    Float,
    Json,
    Map,
    Record,
    Rules,
    Text,
    Type,
)
from streammesh.contracts.violations import Violated
from streammesh.documents.nearest import nearest
from streammesh.errors.contracts import BadAvroName, BadDefault, BadRule, UnsupportedType

_KNOWN = ("unit", "avro", "unknown", "default")


def field_options(field: str, said: Mapping[str, Any], place: Place = nowhere) -> Mapping[str, Any]:
    """Give the `stream` entry of a property.

    Args:
        field: dotted path of the property, for messages.
        said: the property as the contract says it.
        place: where its parts stand, for messages.

    Raises:
        BadRule: when an option is unknown.
    """
    for index, entry in enumerate(said.get("customProperties") or ()):
        if entry["property"] == "stream":
            at = f"customProperties[{index}].value"
            return _known(field, entry["value"], at, place)
    return {}


def _known(field: str, options: object, at: str, place: Place) -> Mapping[str, Any]:
    if not isinstance(options, Mapping):
        fix = "write it like `value: { unit: EUR }`"
        where = place(at, "customProperties")
        raise BadRule(field=field, reason="`stream` has no fields", where=where, fix=fix)
    for name in options:
        if name not in _KNOWN:
            reason = f"`{name}` is no option of a property"
            where = place(f"{at}.{name}", "customProperties")
            raise BadRule(field=field, reason=reason, where=where, fix=nearest(name, _KNOWN))
    if "unknown" in options and options.get("avro") != "enum":
        reason = "`unknown` is the word of an Avro enum for those that a reader doesn't know"
        where = place(f"{at}.unknown", "customProperties")
        raise BadRule(field=field, reason=reason, where=where, fix="add `avro: enum`, or drop it")
    return options


def avro_type(
    field: str, type_: Type, rules: Rules, options: Mapping[str, Any], place: Place = nowhere
) -> tuple[Type, Rules]:
    """Give the type that the option `avro` asks for, and the rules that are left.

    Args:
        field: dotted path of the property, for messages.
        type_: the type without it.
        rules: the property's rules; its valid values are an enum's words.
        options: its `stream` entry.
        place: where its parts stand, for messages.

    Raises:
        ContractError: when it can't be one.
    """
    asked = options.get("avro")
    where = place("customProperties")
    if asked is None:
        return type_, rules
    if asked != "enum":
        fix = "write `avro: enum`, or leave it out: docs/types.md has the type of each property"
        raise UnsupportedType(field=field, said=f"to be an Avro {asked}", where=where, fix=fix)
    if not isinstance(type_, Text) or not rules.valid:
        reason = "an Avro enum is a text with valid values"
        fix = "add a rule with `metric: invalidValues`, `mustBe: 0` and its `validValues`"
        raise BadRule(field=field, reason=reason, where=where, fix=fix)
    symbols = tuple(str(one) for one in rules.valid)
    for symbol in symbols:
        if not NAME.match(symbol):
            fix = f"write `{proposal(symbol, symbols)}`, or leave out `avro: enum`"
            at = place("quality", "enum")
            raise BadAvroName(name=symbol, what="a word of an enum", where=at, fix=fix)
    return Enum(symbols, _unknown(field, symbols, options, place)), Rules(
        missing=rules.missing, never_null=rules.never_null, patterns=rules.patterns
    )


def _unknown(
    field: str, symbols: tuple[str, ...], options: Mapping[str, Any], place: Place
) -> str | None:
    unknown = options.get("unknown")
    if unknown is not None and unknown not in symbols:
        reason = f"`unknown` is `{unknown}`, which is none of its valid values"
        where = place("customProperties")
        raise BadRule(field=field, reason=reason, where=where, fix=nearest(str(unknown), symbols))
    return unknown


def default_of(field: Field, path: str, options: Mapping[str, Any], place: Place = nowhere) -> Any:
    """Give the canonical value that readers take where an older event lacks the property.

    Args:
        field: the property.
        path: its dotted path, for messages.
        options: its `stream` entry.
        place: where its parts stand, for messages.

    Raises:
        BadDefault: when it can't be its value.
    """
    if options.get("default") is None:
        return None
    where = place("customProperties")
    if not field.required:
        why = "An optional property's default is null."
        fix = "add `required: true`, or take the default away"
        raise BadDefault(field=path, reason="it isn't required", why=why, where=where, fix=fix)
    given = options["default"]
    shown = repr(given)[:60]
    if isinstance(field.type, Record | Json) or (isinstance(field.type, Array | Map) and given):
        fix = "make it optional: its default is null then"
        reason = "only plain values, and empty lists and maps, can be one"
        raise BadDefault(field=path, reason=reason, where=where, fix=fix)
    try:
        value = as_canonical(field.type, given)
        if isinstance(field.type, Float) and isinstance(value, str):
            raise Violated("is no number in JSON")
    except Violated as error:
        reason = f"{shown} {error.reason}"
        fix = "write it as documents show it: 0.00, 2026-01-31"
        raise BadDefault(field=path, reason=reason, where=where, fix=fix) from error
    if (said := violated(field, value)) is not None:
        fix = "take one that its rules allow"
        raise BadDefault(field=path, reason=f"{shown} {said}", where=where, fix=fix)
    return value


def as_canonical(type_: Type, given: Any) -> Any:
    """Give a value that a contract's file says as documents have it.

    Args:
        type_: the type that it is of.
        given: as the file says it: a decimal may be a number there.

    Raises:
        Violated: it is none of this type.
    """
    if isinstance(type_, Decimal) and type(given) in (int, float):
        given = str(given)
    if isinstance(type_, Decimal) and isinstance(given, str):
        whole, _, rest = given.partition(".")
        given = f"{whole}.{rest:0<{type_.scale}}" if type_.scale else given
    return assigner(type_, type_)(given)
