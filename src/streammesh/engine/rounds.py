"""Cutting a run of transactions into rounds.

In a round no document is touched by two transactions, so the state after the round equals, for each
of its documents, the state after the one transaction that touched it. A round is evaluated in bulk.
"""

from __future__ import annotations

from collections.abc import Sequence

from streammesh.engine.climb import Hit


def cut(count: int, products: Sequence[Sequence[Hit]]) -> list[tuple[int, int]]:
    """Cut `count` transactions into the fewest rounds.

    Args:
        count: how many transactions there are.
        products: for each product whose every commit counts, the keys that transactions touch.

    Returns:
        Ranges of transaction indexes, first up to but not including last, in order.
    """
    if count <= 1 or all(_disjoint(hits) for hits in products):
        return [(0, count)] if count else []
    return _cut_where_shared(count, products)


def _disjoint(hits: Sequence[Hit]) -> bool:
    """Tell whether no key is touched twice: then a key stands in one hit only."""
    return len({key for _, key in hits}) == len(hits)


def _cut_where_shared(count: int, products: Sequence[Sequence[Hit]]) -> list[tuple[int, int]]:
    conflicts = [-1] * count
    """For each transaction, the latest earlier one that shares a key with it."""
    for hits in products:
        latest: dict[object, int] = {}
        for tx, key in hits:
            before = latest.get(key, -1)
            if before != tx:
                conflicts[tx] = max(conflicts[tx], before)
                latest[key] = tx
    rounds = []
    start = 0
    for tx in range(count):
        if conflicts[tx] >= start:
            rounds.append((start, tx))
            start = tx
    rounds.append((start, count))
    return rounds
