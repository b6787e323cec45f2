"""Lines of Python that write one plain value as Avro."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from streammesh.contracts.numbers import power_of_ten
from streammesh.contracts.raw import DAYS_TO_EPOCH
from streammesh.contracts.state_form import MAX_INTEGER_DIGITS
from streammesh.contracts.types import (
    Boolean,
    Bytes,
    Date,
    Decimal,
    Float,
    Integer,
    Json,
    Numeric,
    Time,
    Timestamp,
    Type,
)


@dataclass(frozen=True)
class Code:
    """How the bytes of a value `v` come about.

    Attributes:
        bytes: expression for the bytes; `{}` in it stands for the number, if there is one.
        number: expression for the number that Avro holds; empty when it is none.
        sized: whether the length goes before the bytes.
        before: lines that come first.
    """

    bytes: str
    number: str = ""
    sized: bool = False
    before: tuple[str, ...] = ()

    def of_number(self, variable: str) -> Code:
        """Give the same where the number is in a variable already."""
        return replace(self, bytes=self.bytes.replace(self.number, variable, 1), number=variable)


def _of(number: str, written: str) -> Code:
    return Code(written.replace("{}", number), number)


def json_text(value: object) -> bytes:
    """Give a JSON value as canonical text.

    Raises:
        TypeError: for JSON's own null, which is NULL in a document, where one is required.
    """
    if value is None:
        raise TypeError
    return msgspec.json.encode(value, order="deterministic")


def scalar(given: Type, promised: Type) -> Code:
    """Write a plain value.

    Args:
        given: the model's type, which decides the form of `v`.
        promised: the contract's.
    """
    match promised:
        case Integer(bits):
            text = isinstance(given, Decimal) and given.precision > MAX_INTEGER_DIGITS
            return _of(f"in_bits(unscaled(v, 0), {bits})" if text else "v", "LONG[{}]")
        case Decimal():
            return _of(_unscaled(given, promised), "decimal({})")
        case Float(bits):
            return _of(_float(given), "single({})" if bits == 32 else "double({})")
        case _:
            return _SCALARS.get(type(promised), Code("v.encode()", sized=True))


_SCALARS = {
    Boolean: Code("(b'\\x01' if v else b'\\x00')"),
    Bytes: Code("from_hex(v)", sized=True),
    Json: Code("json_text(v)", sized=True),
    Date: _of(f"(v.toordinal() - {DAYS_TO_EPOCH})", "long({})"),
    Time: _of("time_micros(v)", "long({})"),
    Timestamp: _of("micros(v)", "long({})"),
}


def _float(given: Type) -> str:
    match given:
        case Integer():
            return "float(v)"
        case Decimal(precision, scale):
            digits = "v" if precision <= MAX_INTEGER_DIGITS else f"unscaled(v, {scale})"
            return f"({digits} / {power_of_ten(scale)})"
        case _:
            return "number(v)"


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
