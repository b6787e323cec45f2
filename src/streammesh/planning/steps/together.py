"""Do the same with many things at once, and know afterwards which of them succeeded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from streammesh.errors import MeshError

THREADS = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcomes(Generic[Item, Result]):
    """What became of each.

    Attributes:
        done: each thing that succeeded, with its result, in the order in which they were given.
        failure: the first error; None when all succeeded.
    """

    done: tuple[tuple[Item, Result], ...]
    failure: MeshError | None

    def check(self) -> None:
        """Raise the first error, if there is one."""
        if self.failure is not None:
            raise self.failure


def each(items: Iterable[Item], act: Callable[[Item], Result]) -> Outcomes[Item, Result]:
    """Call `act` with each of `items`, several at a time; one that fails doesn't stop the others.

    Args:
        items: what to act on.
        act: called from several threads.
    """
    wanted = tuple(items)

    def tried(item: Item) -> Result | MeshError:
        try:
            return act(item)
        except MeshError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(tried, wanted))
    done = tuple(
        (item, result)
        for item, result in zip(wanted, results, strict=True)
        if not isinstance(result, MeshError)
    )
    failures = (result for result in results if isinstance(result, MeshError))
    return Outcomes(done, next(failures, None))
