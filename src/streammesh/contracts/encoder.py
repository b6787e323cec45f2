"""Avro of a document, by functions written for its types: one Python function per record.

The documents of a product all have the same shape, so the walk over it is done once, here, and what
is left per document is a straight line of look-ups. See docs/decisions for what was measured. Rules
are lines of their own, there only where a contract has some; what they refuse is explained by
`checks`, which says the same slowly.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterator
from typing import Any

from streammesh.contracts.assignment import assigner, element_of
from streammesh.contracts.checks import entries, filled
from streammesh.contracts.encoder_scalars import Code, json_text, scalar
from streammesh.contracts.floats import number
from streammesh.contracts.numbers import bounded, in_bits, rescale, rounded, unscaled
from streammesh.contracts.patterns import search
from streammesh.contracts.raw import micros, raw, time_micros
from streammesh.contracts.types import (
    FREE,
    Array,
    Bytes,
    Decimal,
    Enum,
    Field,
    Json,
    Map,
    Record,
    Rules,
    Type,
)
from streammesh.contracts.varint import LONG, decimal, long
from streammesh.contracts.violations import Violated

Encode = Callable[[Any], bytes]


def _broken() -> None:
    raise Violated("breaks a rule")


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
    scope = writer.scope | {
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
        "number": number,
        "single": struct.Struct("<f").pack,
        "double": struct.Struct("<d").pack,
        "from_hex": bytes.fromhex,
        "entries": entries,
        "filled": filled,
        "broken": _broken,
        "join": b"".join,
    }
    exec("\n".join(writer.lines), scope)  # noqa: S102 (written here; names are quoted by repr)
    encode: Encode = scope[root]
    return encode


class _Writer:
    """Writes the functions: each takes a value `d` and returns bytes.

    Attributes:
        lines: the functions' text.
        scope: values that they use, by the names given to them here.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {}
        self._count = itertools.count()

    def record(self, model: Record, contract: Record, head: str = "") -> str:
        """Write the function of a record; give its name."""
        types = {one.name: one.type for one in model.fields}
        body: list[str] = []
        for index, promised in enumerate(contract.fields):
            body.append(f"v = d[{promised.name!r}]")
            body.extend(self._field(f"p{index}", types[promised.name], promised))
        parts = "".join(f"p{index}, " for index in range(len(contract.fields)))
        return self._function("record", [*body, f"return join(({head}{parts}))"])

    def _function(self, kind: str, body: list[str]) -> str:
        name = f"{kind}_{next(self._count)}"
        self.lines.append(f"def {name}(d):")
        self.lines.extend(f"    {line}" for line in body)
        return name

    def _named(self, value: Any) -> str:
        """Give a name by which the functions know a value."""
        name = f"x{next(self._count)}"
        self.scope[name] = value
        return name

    def _field(self, part: str, given: Type, promised: Field) -> Iterator[str]:
        code = self._value(given, promised)
        if promised.required:
            yield from _assign(part, code)
            return
        null = "broken()" if promised.rules.never_null else f"{part} = b'\\x00'"
        yield f"if v is None: {null}"
        yield "else:"
        yield from (f"    {line}" for line in _assign(part, code, front="b'\\x02' + "))

    def _value(self, given: Type, promised: Field) -> Code:
        """Write how a value's bytes come about, its rules first."""
        match given, promised.type:
            case Record() as inner, Record() as wanted:
                code = Code(f"{self.record(inner, wanted)}(v)")
            case Array() as inner, Array() as wanted:
                return Code(f"{self._list(inner, wanted, promised.rules)}(v)")
            case Map() as inner, Map() as wanted:
                code = Code(f"{self._map(inner, wanted)}(v)")
            case Json(), Map() as wanted:
                code = Code(f"{self._map_of_json(wanted)}(v)")
            case _, Enum(symbols):
                table = {symbol: LONG[index] for index, symbol in enumerate(symbols)}
                code = Code(f"{self._named(table)}[v]")
            case _:
                code = scalar(given, promised.type)
        if promised.rules == FREE:
            return code
        return self._checked(code, promised.type, promised.rules, given)

    def _checked(self, code: Code, type_: Type, rules: Rules, given: Type) -> Code:
        """Put the rules of a value before its bytes."""
        lines: list[str] = []
        ordered = (rules.least, rules.most, rules.multiple) != (None, None, None)
        choice = rules.valid if isinstance(given, Decimal) else ()
        if code.number and (ordered or choice or rules.missing):
            lines.append(f"n = {code.number}")
            code = code.of_number("n")
        subject = "n" if lines else "v"
        if choice:
            lines.append(f"if {subject} not in {self._named(frozenset(choice))}: broken()")
        if rules.missing:
            lines.append(f"if {subject} in {self._named(frozenset(rules.missing))}: broken()")
        lines += self._range(type_, rules)
        lines += [f"if not {self._named(search(one))}(v): broken()" for one in rules.patterns]
        lines += _size(type_, rules)
        return Code(code.bytes, code.number, code.sized, (*code.before, *lines))

    def _range(self, type_: Type, rules: Rules) -> Iterator[str]:
        if rules.least is not None:
            yield f"if not n >= {self._named(raw(type_, rules.least))}: broken()"
        if rules.most is not None:
            yield f"if not n <= {self._named(raw(type_, rules.most))}: broken()"
        if rules.multiple is not None:
            yield f"if n % {rules.multiple}: broken()"

    def _list(self, given: Array, promised: Array, rules: Rules) -> str:
        element = list(self._field("p", given.items, element_of(promised)))
        body = list(_size(promised, rules, "d"))
        body += ["if not d: return b'\\x00'", "parts = []", "for v in d:"]
        body += [f"    {line}" for line in [*element, "parts.append(p)"]]
        if rules.unique:
            body.append("if len(set(parts)) != len(parts): broken()")
        return self._function("list", [*body, "return LONG[len(parts)] + join(parts) + b'\\x00'"])

    def _map(self, given: Map, promised: Map) -> str:
        element = list(self._field("p", given.values, element_of(promised)))
        body = ["if not d: return b'\\x00'", "parts = []", "for k in sorted(d):", "    v = d[k]"]
        body += [f"    {line}" for line in element]
        body += ["    k = k.encode()", "    parts.append(LONG[len(k)] + k + p)"]
        return self._function("map", [*body, "return LONG[len(parts)] + join(parts) + b'\\x00'"])

    def _map_of_json(self, promised: Map) -> str:
        """Write the function of a map that comes as a JSON value: made canonical first."""
        convert = self._named(assigner(Json(), promised))
        plain = _plain(promised)
        name = self._map(plain, promised)
        return self._function("json_map", [f"return {name}({convert}(d))"])


def _plain(type_: Any) -> Any:
    """Give a type without rules, for values that have been checked."""
    match type_:
        case Map(values, required):
            return Map(_plain(values), required)
        case Array(items, required):
            return Array(_plain(items), required)
        case _:
            return type_


def _assign(part: str, code: Code, front: str = "") -> Iterator[str]:
    """Write the lines that put the bytes of `v` into a variable, `front` before them."""
    yield from code.before
    if code.sized:
        yield f"b = {code.bytes}"
        yield f"{part} = {front}LONG[len(b)] + b"
    else:
        yield f"{part} = {front}{code.bytes}"


def _size(type_: Type, rules: Rules, value: str = "v") -> Iterator[str]:
    count = _COUNTS.get(type(type_), "len({})").format(value)
    if rules.min_size:
        yield f"if {count} < {rules.min_size}: broken()"
    if rules.max_size is not None:
        yield f"if {count} > {rules.max_size}: broken()"


_COUNTS: dict[type, str] = {Bytes: "len({}) // 2", Record: "filled({})", Json: "entries({})"}
