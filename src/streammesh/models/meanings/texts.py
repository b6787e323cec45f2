"""Text: by characters (code points), never by a locale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from streammesh.contracts.types import Array, Boolean, Integer, Json, Text
from streammesh.models.meanings.call import Call, Meaning, Unfit, constant
from streammesh.models.meanings.casts import to_text
from streammesh.models.values import Cause, Value, all_nulls

_END = 1_000_000_000
"""Places in texts are cut here, as in `text_functions`."""

_LONGEST = 10_000
"""Characters that a text may be filled up to."""

_MOST_VALUES = 99
"""PostgreSQL takes 100 arguments."""

_ONE_TEXT, _TEXTS = "a text", "texts"


def _check(*values: Value) -> None:
    if not all(isinstance(value.type, Text) for value in values):
        raise Unfit("it takes texts; CAST(… AS TEXT)")


def _text(call: Call, engine: str, database: str) -> Value:
    return call.result(Text(), engine, database)


def _concatenation(call: Call) -> Value:
    left, right = call.values
    _check(left, right)
    lengths = (left.type.length, right.type.length)  # type: ignore[union-attr]
    length = None if None in lengths else sum(size or 0 for size in lengths)
    engine = f"({left.engine} || {right.engine})"
    return call.result(Text(length), engine, f"({left.database} || {right.database})")


def _concat(call: Call) -> Value:
    parts = [to_text(value) for value in call.values]
    engine = " || ".join(f"coalesce({part.engine}, '')" for part in parts)
    database = " || ".join(f"coalesce({part.database}, '')" for part in parts)
    return replace(_text(call, f"({engine})", f"({database})"), nulls=())


def _concat_ws(call: Call) -> Value:
    separator, *others = call.values
    _check(separator)
    if not others:
        raise Unfit("it takes a separator and values")
    if len(others) > _MOST_VALUES:
        raise Unfit(f"it takes {_MOST_VALUES} values at most, as in PostgreSQL")
    parts = [to_text(value) for value in others]
    engine = ", ".join(part.engine for part in (separator, *parts))
    database = ", ".join(part.database for part in (separator, *parts))
    value = _text(call, f"concat_ws({engine})", f"concat_ws({database})")
    return replace(value, nulls=separator.nulls)


def _length(call: Call) -> Value:
    (value,) = call.values
    if (element := list_length(call)) is not None:
        return element
    if isinstance(value.type, Json):
        raise Unfit("it takes texts and lists; of a JSON value, keep it in a generated column")
    _check(value)
    return call.result(Integer(32), f"length({value.engine})", f"length({value.database})")


def list_length(call: Call) -> Value | None:
    """Give the number of elements of a list; None when it is none."""
    (value,) = call.values
    if not isinstance(value.type, Array):
        return None
    # what capture does not tell of a list stands as a text in its place, and has no length
    kind, length = f"json_type({value.engine})", f"json_array_length({value.engine})"
    engine = f"(CASE {kind} WHEN 'array' THEN {length} WHEN 'text' THEN 1e300 END)"
    if value.element is not None:
        engine = length
    database = f"json_array_length({value.database})"
    return call.result(Integer(32), engine, database)


def _same_name(name: str, written: str) -> Callable[[Call], Value]:
    """Give a function that both sides have, of texts alone."""

    def compute(call: Call) -> Value:
        _check(*call.values)
        engine = ", ".join(value.engine for value in call.values)
        database = ", ".join(value.database for value in call.values)
        return _text(call, f"{name}({engine})", f"{written}({database})")

    return compute


def _ascii(name: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        (value,) = call.values
        _check(value)
        return _text(call, f"{name}({value.engine})", f'{name}({value.database} COLLATE "C")')

    return compute


def _trim(call: Call) -> Value:
    _check(*call.values)
    engine_name, database_name = {
        "LEADING": ("ltrim", "ltrim"),
        "TRAILING": ("rtrim", "rtrim"),
    }.get(call.options[0], ("trim", "btrim"))
    engine = ", ".join(value.engine for value in call.values)
    database = ", ".join(value.database for value in call.values)
    return _text(call, f"{engine_name}({engine})", f"{database_name}({database})")


def _small(value: Value) -> str:
    """Give an integer for the database as one of 32 bits, cut at its ends."""
    if not isinstance(value.type, Integer):
        raise Unfit("places and lengths are integers")
    if value.constant is not None:
        return str(max(-_END, min(_END, int(value.constant))))
    number = value.database
    if value.type.bits < 32:
        return f"{number}::integer"
    return f"(least(greatest({number}, -{_END}), {_END}) + 0 * {number})::integer"


def _substring(call: Call) -> Value:
    text, start, *more = call.values
    _check(text)
    sql = f"substr({text.database}, {_small(start)})"
    engine = f"mesh_substring({text.engine}, {start.engine})"
    if more:
        (size,) = more
        length = f"(CASE WHEN {_small(size)} < 0 THEN 0 ELSE {_small(size)} END)"
        sql = f"substr({text.database}, {_small(start)}, {length})"
        engine = f"mesh_substring({text.engine}, {start.engine}, {size.engine})"
    return _text(call, engine, sql)


def _side(name: str) -> Callable[[Call], Value]:
    def compute(call: Call) -> Value:
        text, size = call.values
        _check(text)
        engine = f"mesh_{name}({text.engine}, {size.engine})"
        return _text(call, engine, f"{name}({text.database}, {_small(size)})")

    return compute


def _tested(engine: str, database: str) -> Callable[[Call], Value]:
    """Give a test of two texts; {a} and {b} stand for them."""

    def compute(call: Call) -> Value:
        left, right = call.values
        _check(left, right)
        return call.result(
            Boolean(),
            engine.format(a=left.engine, b=right.engine),
            database.format(a=left.database, b=right.database),
        )

    return compute


def _position(call: Call) -> Value:
    text, part = call.values
    _check(text, part)
    engine = f"instr({text.engine}, {part.engine})"
    return call.result(Integer(32), engine, f"strpos({text.database}, {part.database})")


def _pad(call: Call) -> Value:
    text, size, *more = call.values
    fill = more[0] if more else Value(Text(), "' '", "' '")
    _check(text, fill)
    length = constant(size, 0, _LONGEST, "the length")
    name = "lpad" if call.options[0] == "left" else "rpad"
    engine = f"mesh_{name}({text.engine}, {length}, {fill.engine})"
    return _text(call, engine, f"{name}({text.database}, {length}, {fill.database})")


def _split(call: Call) -> Value:
    text, separator, number = call.values
    _check(text, separator)
    part = constant(number, 1, _LONGEST, "the part's number")
    engine = f"mesh_split({text.engine}, {separator.engine}, {part})"
    return _text(call, engine, f"split_part({text.database}, {separator.database}, {part})")


def _string_agg(call: Call) -> Value:
    value, separator = call.values
    _check(value, separator)
    if separator.literal is None:
        raise Unfit("the separator is a constant")
    engine = call.gather("group_concat", f"{value.engine}, {separator.engine}", 0)
    database = call.gather("string_agg", f"{value.database}, {separator.database}", 1)
    found = _text(replace(call, values=(value,)), engine, database)
    empty = Cause("over no rows it is NULL", empty=not any(call.among))
    return replace(found, nulls=(empty, *all_nulls((value,))))


_ENGLISH = "only A to Z and a to z change, é and ß stay: a locale would decide about others"
CONCATENATION = Meaning("a || b", _concatenation, "two texts", "text", "NULL when one is NULL")
CONCAT = Meaning(
    "concat(a, b, …)",
    _concat,
    "values that CAST takes to text",
    "text, never NULL",
    "each as CAST to text gives it; NULL is an empty text",
)
CONCAT_WS = Meaning(
    "concat_ws(s, a, b, …)",
    _concat_ws,
    "a text between, and values that CAST takes to text",
    "text",
    f"NULLs are left out; NULL where s is NULL; at most {_MOST_VALUES} values",
)
LENGTH = Meaning(
    "length(a)",
    _length,
    "a text or a list",
    "integer",
    "characters, not bytes; also `len`, `char_length`, `cardinality`",
)
LOWER = Meaning("lower(a)", _ascii("lower"), _ONE_TEXT, "text", _ENGLISH)
UPPER = Meaning("upper(a)", _ascii("upper"), _ONE_TEXT, "text", _ENGLISH)
REVERSE = Meaning("reverse(a)", _same_name("mesh_reverse", "reverse"), _ONE_TEXT, "text")
TRIM = Meaning(
    "trim(a, c), ltrim(a, c), rtrim(a, c)",
    _trim,
    "a text, and the characters to take away (left away: space)",
    "text",
    "also `btrim`, `trim(BOTH c FROM a)`",
)
REPLACE = Meaning("replace(a, b, c)", _same_name("replace", "replace"), "three texts", "text")
SUBSTRING = Meaning(
    "substring(a, n, m)",
    _substring,
    "a text, the first place (from 1), and how many characters (left away: all)",
    "text",
    "places before 1 count, but hold nothing; a negative m counts as 0; also `substr`",
)
LEFT = Meaning(
    "left(a, n)", _side("left"), "a text and an integer", "text", "n < 0: all but the last -n"
)
RIGHT = Meaning(
    "right(a, n)", _side("right"), "a text and an integer", "text", "n < 0: all but the first -n"
)
STARTS_WITH = Meaning(
    "starts_with(a, b)",
    _tested("mesh_starts_with({a}, {b})", "starts_with({a}, {b})"),
    "two texts",
    "boolean",
)
ENDS_WITH = Meaning(
    "ends_with(a, b)",
    _tested("mesh_ends_with({a}, {b})", "(right({a}, length({b})) = {b})"),
    "two texts",
    "boolean",
)
CONTAINS = Meaning(
    "contains(a, b)",
    _tested("(instr({a}, {b}) > 0)", "(strpos({a}, {b}) > 0)"),
    "two texts",
    "boolean",
)
POSITION = Meaning(
    "strpos(a, b)",
    _position,
    "two texts",
    "integer, 0 when b is not in a",
    "also `position(b IN a)`, `instr(a, b)`",
)
PAD = Meaning(
    "lpad(a, n, c), rpad(a, n, c)",
    _pad,
    f"a text, a constant up to {_LONGEST}, a text (left away: space)",
    "text of n characters",
    "longer texts are cut",
)
SPLIT = Meaning(
    "split_part(a, s, n)", _split, "two texts, a constant from 1", "text, empty without such a part"
)
STRING_AGG = Meaning(
    "string_agg(a, s ORDER BY …)",
    _string_agg,
    "texts, a constant",
    "text",
    "NULLs are left out; NULL over no rows; ordered like `list`; also `listagg`, `group_concat`",
)
