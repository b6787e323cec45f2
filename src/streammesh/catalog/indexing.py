"""Keep what search reads: each product's words, and all words' trigrams."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from streammesh.catalog.entries import Entry
from streammesh.catalog.schema import (
    search_entries,
    search_postings,
    search_trigrams,
    search_words,
)
from streammesh.catalog.words import trigrams

AT_ONCE = 500
"""How many values stand in one statement; SQLite takes at most 32,766."""

Value = TypeVar("Value")


def index(connection: Connection, scope: Collection[str], wanted: Iterable[Entry]) -> None:
    """Make what search reads that of these entries; entries that are as they were cost nothing.

    Args:
        connection: in a transaction that writes.
        scope: the domains; their products that are no longer wanted are no longer found.
        wanted: the entries of those domains.
    """
    held = {
        (row.domain, row.product): (row.id, row.digest)
        for some in chunks(sorted(scope))
        for row in connection.execute(
            select(search_entries).where(search_entries.c.domain.in_(some))
        )
    }
    by_name = {(one.domain, one.product): one for one in wanted}
    new = [one for name, one in by_name.items() if name not in held]
    changed = [
        (held[name][0], one)
        for name, one in by_name.items()
        if name in held and held[name][1] != one.digest
    ]
    gone = [number for name, (number, _) in held.items() if name not in by_name]
    emptied = [*gone, *(number for number, _ in changed)]
    left = _take_words(connection, emptied)
    _remove_entries(connection, gone)
    _write_digests(connection, changed)
    _write_words(connection, [*_insert_entries(connection, new), *changed])
    _forget_words(connection, left)


def chunks(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Cut values into runs that fit one statement."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]


def _take_words(connection: Connection, entries: Sequence[int]) -> set[int]:
    """Take the words from entries, and say which words they were."""
    postings, found = search_postings.c, set()
    for some in chunks(entries):
        here = postings.entry_id.in_(some)
        found |= set(connection.scalars(select(postings.word_id).where(here).distinct()))
        connection.execute(delete(search_postings).where(here))
    return found


def _remove_entries(connection: Connection, entries: Sequence[int]) -> None:
    for some in chunks(entries):
        connection.execute(delete(search_entries).where(search_entries.c.id.in_(some)))


def _write_digests(connection: Connection, changed: Sequence[tuple[int, Entry]]) -> None:
    if changed:
        statement = update(search_entries).where(search_entries.c.id == bindparam("number"))
        rows = [{"number": number, "digest": one.digest} for number, one in changed]
        connection.execute(statement, rows)


def _insert_entries(connection: Connection, new: Sequence[Entry]) -> Iterator[tuple[int, Entry]]:
    if not new:
        return
    rows = [{"domain": one.domain, "product": one.product, "digest": one.digest} for one in new]
    returned = insert(search_entries).returning(search_entries.c.id, sort_by_parameter_order=True)
    yield from zip(connection.scalars(returned, rows), new, strict=True)


def _write_words(connection: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    numbers = _word_numbers(connection, {word for _, one in entries for word in one.weights})
    rows = [
        {"word_id": numbers[word], "entry_id": number, "weight": weight}
        for number, one in entries
        for word, weight in one.weights.items()
    ]
    if rows:
        connection.execute(insert(search_postings), rows)


def _word_numbers(connection: Connection, wanted: Collection[str]) -> dict[str, int]:
    """Give the number of each word; a new word gets one, and its trigrams are written."""
    columns, numbers = search_words.c, {}
    for some in chunks(sorted(wanted)):
        query = select(columns.word, columns.id).where(columns.word.in_(some))
        numbers.update({row.word: row.id for row in connection.execute(query)})
    new = sorted(set(wanted) - numbers.keys())
    if not new:
        return numbers
    rows = [{"word": one, "trigrams": len(trigrams(one))} for one in new]
    returned = insert(search_words).returning(columns.id, sort_by_parameter_order=True)
    numbers.update(zip(new, connection.scalars(returned, rows), strict=True))
    parts = [{"trigram": part, "word_id": numbers[one]} for one in new for part in trigrams(one)]
    connection.execute(insert(search_trigrams), parts)
    return numbers


def _forget_words(connection: Connection, words: Iterable[int]) -> None:
    """Remove the words that no product has any more."""
    used = exists().where(search_postings.c.word_id == search_words.c.id)
    for some in chunks(sorted(words)):
        unused = select(search_words.c.id).where(search_words.c.id.in_(some), ~used)
        numbers = connection.scalars(unused).all()
        connection.execute(delete(search_trigrams).where(search_trigrams.c.word_id.in_(numbers)))
        connection.execute(delete(search_words).where(search_words.c.id.in_(numbers)))
