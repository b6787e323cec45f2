"""Sorting the transactions of a run into rounds, each of which is evaluated in bulk.

In a round no document is touched by two transactions. A transaction goes into the first round after
those of all earlier transactions that share a document with it, whatever stands between them in the
log. When a document is evaluated, the earlier transactions that touch it have thus been applied and
the later ones have not; others don't touch it, over any edge that exists at any time in the run: it
equals the document after the one transaction that touched it in this round.

A row that no document shows is still to end as the last transaction left it: transactions that
write one row never change places.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Sequence
from itertools import chain

from streammesh.engine.climb import Hit

Write = tuple[int, Hashable]
"""Index of a transaction in the run, and a row that it writes."""

_Touch = tuple[int, Hashable, int]
"""A transaction, what it touches, and 1 if it shares no round with another that touches it."""

_first = operator.itemgetter(0)


def rounds(
    count: int, products: Sequence[Sequence[Hit]], writes: Sequence[Sequence[Write]]
) -> list[int]:
    """Give the round of each transaction, from 0; the fewest rounds that there can be.

    Args:
        count: how many transactions there are.
        products: for each product whose every commit counts, the keys that transactions touch.
        writes: for each table, the rows that transactions write.
            Both are ordered by transaction.
    """
    apart = [_shared(number, hits, 1) for number, hits in enumerate(products)]
    if count <= 1 or not any(apart):
        return [0] * count
    beside = [_shared(-1 - number, rows, 0) for number, rows in enumerate(writes)]
    return _rounds(count, sorted(chain(*apart, *beside), key=_first))


def _shared(number: int, hits: Sequence[tuple[int, Hashable]], apart: int) -> list[_Touch]:
    """Give those hits whose key is in several of them."""
    seen: set[Hashable] = set()
    again: set[Hashable] = set()
    for _, key in hits:
        if key in seen:
            again.add(key)
        else:
            seen.add(key)
    return [(tx, (number, key), apart) for tx, key in hits if key in again] if again else []


def _rounds(count: int, touched: Sequence[_Touch]) -> list[int]:
    """Give the rounds of transactions, by what each touches and how far behind others that puts it.

    Args:
        count: how many transactions there are.
        touched: in the order of the transactions.
    """
    found = [0] * count
    latest: dict[Hashable, int] = {}
    start = 0
    while start < len(touched):
        tx = touched[start][0]
        end = start
        number = 0
        while end < len(touched) and touched[end][0] == tx:
            _, what, apart = touched[end]
            number = max(number, latest.get(what, -apart) + apart)
            end += 1
        found[tx] = number
        for _, what, _ in touched[start:end]:
            latest[what] = number
        start = end
    return found
