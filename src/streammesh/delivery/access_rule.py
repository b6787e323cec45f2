"""Whether access is granted at once or waits for the owner: one rule, which a policy may replace.

A policy that replaces it has the same shape: an `Asked` in, a `Decision` out, and nothing else
looked at. It can't give way on one thing, which stands elsewhere: another domain reads a product
with restricted fields only when each of them was granted by name (`ungranted`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

RESTRICTED = "restricted"
OPEN = frozenset({"", "public", "internal"})
"""Classifications that need nobody's leave; a field without one counts as internal."""


@dataclass(frozen=True)
class Asked:
    """What a decision is made about.

    Attributes:
        domain: the consuming domain.
        owner: the domain that owns the product.
        asset: the version, `<domain>.<product>.v<major>`.
        classifications: of its fields, by path; empty texts where the contract says none.
        refused: whether the owner has refused this before: denied, revoked, or let it expire.
    """

    domain: str
    owner: str
    asset: str
    classifications: Mapping[str, str]
    refused: bool = False


@dataclass(frozen=True)
class Decision:
    """What becomes of a request.

    Attributes:
        at_once: whether it is granted; else it waits for the owner.
        because: in words.
    """

    at_once: bool
    because: str


Rule = Callable[[Asked], Decision]


def decide(asked: Asked) -> Decision:
    """Grant at once what is at most internal, or the domain's own; let the owner decide the rest.

    Args:
        asked: who asks for what.
    """
    if asked.refused:
        return Decision(False, "it was refused before")
    if asked.domain == asked.owner:
        return Decision(True, "it is the domain's own")
    closed = sorted(path for path, said in asked.classifications.items() if _word(said) not in OPEN)
    if closed:
        kinds = sorted({_word(asked.classifications[path]) for path in closed})
        return Decision(False, f"{' and '.join(kinds)}: {_named(closed)}")
    return Decision(True, "it is at most internal")


def ungranted(asked: Asked, granted: Iterable[str]) -> tuple[str, ...]:
    """Give the restricted fields that are not granted by name, sorted; none to the owner itself.

    Args:
        asked: who asks for what.
        granted: paths of fields.
    """
    if asked.domain == asked.owner:
        return ()
    return tuple(
        sorted(
            path
            for path, said in asked.classifications.items()
            if _word(said) == RESTRICTED and path not in set(granted)
        )
    )


def classifications_of(contract: Mapping[str, Any]) -> dict[str, str]:
    """Give what a contract says of each field, and of what lists and maps hold, by path.

    Args:
        contract: an ODCS document; its first schema object is the product's.
    """
    first = (contract.get("schema") or ())[:1]
    return dict(one for schema in first for one in _below(schema, ""))


def _below(said: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for one in said.get("properties") or ():
        yield from _with_items(one, f"{path}.{one['name']}" if path else str(one["name"]))


def _with_items(said: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    yield path, str(said.get("classification") or "")
    yield from _below(said, path)
    items = said.get("items")
    if isinstance(items, Mapping):
        yield from _with_items(items, f"{path}[]")
    held = said.get("map")
    value = held.get("value") if isinstance(held, Mapping) else None
    if isinstance(value, Mapping):
        yield from _with_items(value, f"{path}{{}}")


def _word(said: str) -> str:
    return said.strip().lower()


def _named(paths: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(paths[:3]) + more
