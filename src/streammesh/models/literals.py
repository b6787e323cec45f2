"""Constants of a model."""

from __future__ import annotations

import datetime
import uuid
from decimal import Context
from decimal import Decimal as Number

from streammesh.contracts.types import (
    Boolean,
    Date,
    Decimal,
    Integer,
    Text,
    Time,
    Timestamp,
    Type,
    Uuid,
)
from streammesh.models.postgres_types import MAX_PRECISION
from streammesh.models.printing import cast_target, database_text, text
from streammesh.models.storage import FAST_DIGITS
from streammesh.models.values import LIMIT, Cause, Value, type_bound

_EXACT = Context(prec=80)


def boolean(value: bool) -> Value:
    """Give TRUE or FALSE."""
    return Value(Boolean(), "1" if value else "0", "TRUE" if value else "FALSE")


def null(kind: Type | None = None, said: str | None = None) -> Value:
    """Give NULL, of a type if one is known; `said` is why it is there when nobody wrote it."""
    database = "NULL" if kind is None else f"NULL::{cast_target(kind)}"
    return Value(kind, "NULL", database, nulls=(Cause(said or "NULL is written here"),))


def string(value: str) -> Value:
    """Give a text constant."""
    return Value(Text(), text(value), f"{database_text(value)}::text", literal=value)


def number(written: str) -> Value | None:
    """Give a number: digits, with or without a point. None when it has no exact type."""
    whole, point, decimals = written.partition(".")
    digits = (whole + decimals).lstrip("0") or "0"
    if not (whole + decimals).isdigit() or len(digits) > MAX_PRECISION:
        return None
    amount = int(digits)
    if not point:
        return _whole(amount)
    exact = Number(f"{whole or '0'}.{decimals or '0'}")
    kind = Decimal(max(len(digits), len(decimals)), len(decimals))
    database = f"{whole or '0'}.{decimals or '0'}::numeric"
    if kind.precision > FAST_DIGITS:
        return Value(kind, text(f"{whole or '0'}.{decimals}"), database, constant=exact)
    return Value(kind, str(amount), database, bound=amount, constant=exact)


def _whole(amount: int) -> Value | None:
    if amount > LIMIT:
        return None
    bits = 16 if amount < 2**15 else 32 if amount < 2**31 else 64
    return Value(Integer(bits), str(amount), str(amount), bound=amount, constant=Number(amount))


def coerced(value: Value, kind: Type | None) -> Value | None:
    """Read a text constant as a date, time or UUID, where it meets one.

    Returns:
        The value of that type, or None when the text is none.
    """
    if value.literal is None or kind is None:
        return None
    if isinstance(kind, Integer | Decimal):
        return _number(value.literal.strip(), kind)
    try:
        state = _state(value.literal, kind)
    except ValueError:
        return None
    if state is None:
        return None
    return Value(kind, text(state), f"{text(state)}::{cast_target(kind)}")


def _number(written: str, kind: Integer | Decimal) -> Value | None:
    """Read a text constant as a number, when the type holds it."""
    negative = written.startswith("-")
    found = number(written[1:] if negative or written.startswith("+") else written)
    if found is None or found.constant is None:
        return None
    scale = kind.scale if isinstance(kind, Decimal) else 0
    scaled = found.constant.scaleb(scale, _EXACT)
    limit = type_bound(kind) if isinstance(kind, Integer) else 10**kind.precision - 1
    if scaled != int(scaled) or scaled > limit:
        return None
    amount = -int(scaled) if negative else int(scaled)
    exact = found.constant.copy_negate() if negative else found.constant
    shown = f"{exact:.{scale}f}"
    fast = isinstance(kind, Integer) or kind.precision <= FAST_DIGITS
    engine = str(amount) if fast else text(shown)
    database = f"({shown})::{cast_target(kind)}"
    bound = abs(amount) if fast else 0
    return Value(kind, engine, database, bound=bound, constant=exact)


def _state(written: str, kind: Type) -> str | None:
    match kind:
        case Date():
            return datetime.date.fromisoformat(written).isoformat()
        case Time():
            return datetime.time.fromisoformat(written).isoformat("microseconds")
        case Uuid():
            return str(uuid.UUID(written))
        case Timestamp(zone):
            return _moment(written, zone)
        case _:
            return None


def _moment(written: str, zone: bool) -> str:
    moment = datetime.datetime.fromisoformat(written)
    if zone != (moment.tzinfo is not None):
        raise ValueError(written)
    if zone:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return moment.isoformat("T", "microseconds") + ("Z" if zone else "")
