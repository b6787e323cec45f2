"""Avro of a document, by functions written for its types: one Python function per record.

The documents of a product all have the same shape, so the walk over it is done once, here, and what
is left per document is a straight line of look-ups. See docs/decisions for what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time
from typing import Any

import msgspec

from streammesh.contracts.numbers import bounded, in_bits, power_of_ten, rescale, rounded, unscaled
from streammesh.contracts.state_form import MAX_INTEGER_DIGITS
from streammesh.contracts.types import (
    Array,
    Boolean,
    Bytes,
    Date,
    Decimal,
    Field,
    Integer,
    Json,
    Numeric,
    Record,
    Time,
    Timestamp,
    Type,
)
from streammesh.contracts.varint import LONG, decimal, long

Encode = Callable[[Any], bytes]

EPOCH = datetime(1970, 1, 1)
_DAYS_TO_EPOCH = EPOCH.toordinal()


def micros(value: datetime) -> int:
    """Give microseconds since 1970-01-01T00:00:00, by the clock that the value shows."""
    since = value.replace(tzinfo=None) - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def time_micros(value: time) -> int:
    """Give microseconds since midnight."""
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return seconds * 1_000_000 + value.microsecond


def json_text(value: object) -> bytes:
    """Give a JSON value as canonical text."""
    return msgspec.json.encode(value, order="deterministic")


def encoder(model: Record, contract: Record, head: bytes) -> Encode:
    """Give the function from a document to its bytes.

    Args:
        model: the model's fields; the document is in state form, as `typed_json` parses it.
        contract: the fields of the Avro schema, in its order.
        head: bytes in front.

    Returns:
        A function that raises Violated, or another ValueError, for what doesn't fit.
    """
    writer = _Writer()
    root = writer.record(model, contract, head="HEAD, ")
    scope = {
        "HEAD": head,
        "LONG": LONG,
        "long": long,
        "decimal": decimal,
        "micros": micros,
        "time_micros": time_micros,
        "json_text": json_text,
        "unscaled": unscaled,
        "rescale": rescale,
        "bounded": bounded,
        "rounded": rounded,
        "in_bits": in_bits,
        "from_hex": bytes.fromhex,
        "join": b"".join,
    }
    exec("\n".join(writer.lines), scope)  # noqa: S102 (written here; names are quoted by repr)
    encode: Encode = scope[root]  # type: ignore[assignment]
    return encode


class _Writer:
    """Writes the functions: each takes a value `d` and returns bytes."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._count = 0

    def record(self, model: Record, contract: Record, head: str = "") -> str:
        """Write the function of a record; give its name."""
        types = {one.name: one.type for one in model.fields}
        body: list[str] = []
        for index, promised in enumerate(contract.fields):
            body.append(f"v = d[{promised.name!r}]")
            body.extend(self._field(f"p{index}", types[promised.name], promised))
        parts = "".join(f"p{index}, " for index in range(len(contract.fields)))
        name = f"record_{self._count}"
        self._count += 1
        self.lines.append(f"def {name}(d):")
        self.lines.extend(f"    {line}" for line in body)
        self.lines.append(f"    return join(({head}{parts}))")
        return name

    def _field(self, part: str, given: Type, promised: Field) -> Iterator[str]:
        value = self._value(given, promised.type)
        if promised.required:
            yield from _assign(part, value)
        else:
            yield f"if v is None: {part} = b'\\x00'"
            yield "else:"
            yield from (f"    {line}" for line in _assign(part, value, front="b'\\x02' + "))

    def _value(self, given: Type, promised: Type) -> tuple[str, str]:
        """Give an expression for the bytes of `v`, and whether a length goes before them."""
        match given, promised:
            case Record(), Record():
                return f"{self.record(given, promised)}(v)", ""
            case Array(), Array():
                return f"{self._list(given, promised)}(v)", ""
            case _:
                return _scalar(given, promised)

    def _list(self, given: Array, promised: Array) -> str:
        field = Field("", promised.items, required=promised.required)
        element = list(self._field("p", given.items, field))
        name = f"list_{self._count}"
        self._count += 1
        self.lines += [f"def {name}(d):", "    if not d: return b'\\x00'", "    parts = []"]
        self.lines.append("    for v in d:")
        self.lines.extend(f"        {line}" for line in [*element, "parts.append(p)"])
        self.lines.append("    return LONG[len(parts)] + join(parts) + b'\\x00'")
        return name


def _assign(part: str, value: tuple[str, str], front: str = "") -> Iterator[str]:
    """Write the lines that put the bytes of `v` into a variable, `front` before them."""
    expression, sized = value
    if sized:
        yield f"b = {expression}"
        yield f"{part} = {front}LONG[len(b)] + b"
    else:
        yield f"{part} = {front}{expression}"


def _scalar(given: Type, promised: Type) -> tuple[str, str]:
    match promised:
        case Integer(bits):
            text = isinstance(given, Decimal) and given.precision > MAX_INTEGER_DIGITS
            return (f"LONG[in_bits(unscaled(v, 0), {bits})]" if text else "LONG[v]"), ""
        case Decimal():
            return f"decimal({_unscaled(given, promised)})", ""
        case _:
            return _SCALARS.get(type(promised), ("v.encode()", "sized"))


_SCALARS = {
    Boolean: ("(b'\\x01' if v else b'\\x00')", ""),
    Bytes: ("from_hex(v)", "sized"),
    Json: ("json_text(v)", "sized"),
    Date: (f"long(v.toordinal() - {_DAYS_TO_EPOCH})", ""),
    Time: ("long(time_micros(v))", ""),
    Timestamp: ("long(micros(v))", ""),
}


def _unscaled(given: Type, promised: Decimal) -> str:
    """Write the unscaled number of the contract's decimal."""
    limit = power_of_ten(promised.precision) - 1
    if isinstance(given, Numeric):
        return f"rounded(v, {promised.scale}, {promised.precision})"
    if isinstance(given, Decimal) and given.precision > MAX_INTEGER_DIGITS:
        number = f"unscaled(v, {given.scale})"
        return f"bounded(rescale({number}, {given.scale}, {promised.scale}), {limit})"
    scale = given.scale if isinstance(given, Decimal) else 0
    if scale > promised.scale:
        return f"bounded(rescale(v, {scale}, {promised.scale}), {limit})"
    factor = power_of_ten(promised.scale - scale)
    return "v" if factor == 1 else f"v * {factor}"
