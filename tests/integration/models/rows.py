"""Random rows for the tables of the models' tests: few keys, many NULLs, ties and dangling keys."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

UUIDS = [f"0000000{n:x}-0000-4000-8000-0000000000a{n:x}" for n in range(12)]
SKUS = ["a", "A", "b", "é", "x"]
TEXTS = st.sampled_from(["", "a", "B", "b", "é", "z", "Z", "日本", "a'b\"", 'c{"d', "a b "])
MOMENTS = st.sampled_from(
    [
        "2026-01-31T10:00:00.123456Z",
        "2026-01-31T10:00:00.123Z",
        "2026-01-31T10:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "2026-06-30T22:30:00.1Z",
    ]
)
DAYS = st.sampled_from(["2000-02-29Z", "1999-12-31Z", "2026-06-30Z"])
CLOCKS = st.sampled_from(["00:00:00Z", "10:00:00.5Z", "23:59:59.999999Z"])
JSONS = st.sampled_from(['{"b": 1, "a": [1, 2.5, null]}', "[]", '"x"', "null", "1", '{"é": {}}'])
ids = st.integers(1, 4)


def decimals(digits: int, scale: int) -> st.SearchStrategy[str]:
    limit = 10**digits - 1
    numbers = st.one_of(st.integers(-300, 900), st.integers(-limit, limit))
    return numbers.map(lambda number: decimal(number, scale))


def decimal(number: int, scale: int) -> str:
    digits = str(abs(number)).rjust(scale + 1, "0")
    return ("-" if number < 0 else "") + digits[:-scale] + "." + digits[-scale:]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def table(
    at_least: int, key: tuple[str, ...], **columns: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    def unique(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in key)

    row = st.fixed_dictionaries(columns)
    return st.lists(row, min_size=at_least, max_size=at_least + 3, unique_by=unique)


CODES = st.sampled_from(["aaa", "b  ", "c d"])
ROWS = st.fixed_dictionaries(
    {
        "regions": table(0, ("code",), code=CODES, title=TEXTS),
        "cities": table(2, ("id",), id=ids, name=TEXTS, region=maybe(CODES)),
        "customers": table(
            1,
            ("id",),
            id=ids,
            name=TEXTS,
            city_id=maybe(ids),
            referrer_id=maybe(ids),
            vip=maybe(st.booleans()),
            born=maybe(DAYS),
            email=TEXTS,
        ),
        "orders": table(
            3,
            ("tenant", "number"),
            tenant=st.integers(1, 2),
            number=st.integers(1, 3),
            customer_id=ids,
            billing_id=maybe(ids),
            status=TEXTS,
            placed=MOMENTS,
            note=maybe(TEXTS),
            uid=st.sampled_from(UUIDS),
            extra=maybe(JSONS),
            raw=maybe(st.sampled_from(["", "00ff", "dead"])),
            seen=maybe(MOMENTS),
            at=maybe(CLOCKS),
        ),
        "lines": table(
            7,
            ("id",),
            id=st.sampled_from(UUIDS),
            tenant=st.integers(1, 2),
            number=st.integers(1, 2),
            product=maybe(st.sampled_from(SKUS)),
            qty=st.one_of(st.integers(-2, 5), st.just(2**31 - 1)),
            price=decimals(8, 2),
            big=maybe(decimals(26, 4)),
            pos=maybe(st.integers(0, 3)),
            total=maybe(st.one_of(st.integers(-3, 3), st.integers(-(10**12), 10**12))),
        ),
        "products": table(
            2, ("sku",), sku=st.sampled_from(SKUS), title=TEXTS, weight=maybe(decimals(8, 3))
        ),
        "parts": table(
            5,
            ("line", "n"),
            line=st.sampled_from(UUIDS[:6]),
            n=st.integers(1, 3),
            name=TEXTS,
            amount=decimals(15, 2),
        ),
    }
)
