"""Find products by what their names, fields, descriptions, tags and owners say.

No extension of a database is used, so SQLite and PostgreSQL give the same products in the same
order: each typed word finds the catalog's words that share trigrams with it or begin with it, at
most `_MEANT` of them; a product counts, for each typed word, its best word (how alike it is, times
the weight of the place where it stands). First come the products that more of the typed words
found, then those that count more, then by name. All figures are whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    select,
    union_all,
)

from streammesh.catalog.schema import (
    domains,
    products,
    search_entries,
    search_postings,
    search_trigrams,
    search_words,
)
from streammesh.catalog.words import likeness, trigrams, words

_MEANT = 5
"""How many of the catalog's words one typed word may mean."""

_DEEP = 1000
"""In how many products at most a word is looked for: those where it counts most, newer ones first.

A word that stands in more tells them apart too badly to be worth the time.
"""

_TYPED, _LOOKED_AT = 8, 100
"""How many different typed words count, and how many are looked at to find them."""

_LEAST = 15
"""How alike a word must be to be meant, by `words.likeness`: a quarter of all trigrams.

A third of what the best word reaches is wanted as well: who types a word that there is means it.
"""

_NO_WORD = -1
"""The number of no word."""

Meant = Sequence[tuple[int, int]]
"""Numbers of words, and how alike to what was typed each is."""

_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Hit:
    """A product that was found.

    Attributes:
        domain: owning domain.
        product: its name.
        status: draft, active, deprecated or retired.
        version: semantic version.
        purpose: what it is, as its document says.
        team: who owns it.
        score: how well it fits; comparable within one search only.
    """

    domain: str
    product: str
    status: str
    version: str
    purpose: str
    team: str
    score: int


def search(connection: Connection, text: str, *, limit: int = 20) -> tuple[Hit, ...]:
    """Find products, best first.

    Args:
        connection: to a catalog.
        text: what somebody typed; no character in it has a meaning of its own.
        limit: give at most so many.
    """
    typed = tuple(dict.fromkeys(islice(words(text), _LOOKED_AT)))[:_TYPED]
    meant = [found for one in typed if (found := _meant(connection, one))]
    if not meant:
        return ()
    rows = connection.execute(_query(len(meant)), {"limit": limit, **_values(meant)})
    return tuple(Hit(*row) for row in rows)


def _meant(connection: Connection, typed: str) -> Meant:
    """Give the numbers of the words that may be meant, with how alike each is, best first."""
    parts = sorted(trigrams(typed))
    begun = connection.execute(_begun(), {"first": typed, "last": typed + _LAST})
    alike = connection.execute(_alike(), {"parts": parts, "mine": len(parts)})
    known = {row.id: row.word for found in (begun, alike) for row in found}
    scores = [(likeness(typed, word), word, number) for number, word in known.items()]
    best = sorted(scores, key=lambda one: (-one[0], one[1]))[:_MEANT]
    least = max(_LEAST, best[0][0] // 3) if best else 0
    return [(number, score) for score, _, number in best if score >= least]


@cache
def _begun() -> Select[int, str]:
    columns = search_words.c
    here = and_(columns.word >= bindparam("first"), columns.word <= bindparam("last"))
    shortest = func.length(columns.word), columns.word
    return select(columns.id, columns.word).where(here).order_by(*shortest).limit(_MEANT)


@cache
def _alike() -> Select[int, str]:
    """Give the words that share a quarter of the trigrams or more."""
    columns, shared, mine = search_words.c, func.count(), bindparam("mine", type_=Integer)
    counted = (
        select(search_trigrams.c.word_id, shared.label("shared"))
        .where(search_trigrams.c.trigram.in_(bindparam("parts", expanding=True)))
        .group_by(search_trigrams.c.word_id)
        .having(shared * 4 >= mine)
        .subquery()
    )
    union = columns.trigrams + mine - counted.c.shared
    return (
        select(columns.id, columns.word)
        .join(counted, counted.c.word_id == columns.id)
        .where(counted.c.shared * 4 >= union)
    )


def _values(meant: Sequence[Meant]) -> dict[str, int]:
    """Give the values of a query's parameters: as many words for each typed one, always."""
    filled = [[*each, *[(_NO_WORD, 0)] * (_MEANT - len(each))] for each in meant]
    numbers = {f"word_{at}_{n}": w for at, e in enumerate(filled) for n, (w, _) in enumerate(e)}
    scores = {f"score_{at}_{n}": s for at, e in enumerate(filled) for n, (_, s) in enumerate(e)}
    return numbers | scores


@cache
def _query(typed: int) -> Select[str, str, str, str, str, str, int]:
    """Give the statement for so many typed words; it is prepared once and used again."""
    counted = union_all(*map(_counted, range(typed))).subquery()
    matched, score = func.count(), func.sum(counted.c.score)
    entries = search_entries.c
    total = (
        select(entries.domain, entries.product, matched.label("matched"), score.label("score"))
        .join(counted, counted.c.entry_id == entries.id)
        .group_by(entries.id, entries.domain, entries.product)
        .order_by(matched.desc(), score.desc(), entries.domain, entries.product)
        .limit(bindparam("limit", type_=Integer))
        .subquery()
    )
    here, owner = products.c, domains.c
    same = and_(here.domain == total.c.domain, here.product == total.c.product)
    return (
        select(
            total.c.domain,
            total.c.product,
            here.status,
            here.version,
            here.purpose,
            owner.team,
            total.c.score,
        )
        .join(products, same)
        .join(domains, owner.domain == total.c.domain)
        .order_by(total.c.matched.desc(), total.c.score.desc(), total.c.domain, total.c.product)
    )


def _counted(typed: int) -> Select[int, int]:
    """Give, per product, its best word for one typed word."""
    scores = union_all(*(_best(f"{typed}_{one}") for one in range(_MEANT))).subquery()
    best = func.max(scores.c.score).label("score")
    return select(scores.c.entry_id, best).group_by(scores.c.entry_id)


def _best(name: str) -> Select[int, int]:
    """Give the products in which a word counts most."""
    postings, word = search_postings.c, bindparam(f"word_{name}", type_=Integer)
    found = (
        select(postings.entry_id, postings.weight)
        .where(postings.word_id == word)
        .order_by(postings.weight.desc(), postings.entry_id.desc())
        .limit(_DEEP)
        .subquery()
    )
    score = found.c.weight * bindparam(f"score_{name}", type_=Integer)
    return select(found.c.entry_id, score.label("score"))
