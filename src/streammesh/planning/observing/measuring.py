"""Ask the databases how large the documents of new and changed products get."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from streammesh.deployments.deployment import ProductDeployment
from streammesh.errors import MeshError
from streammesh.planning.findings import Note
from streammesh.planning.observing.observed import Observed
from streammesh.planning.sizes.values import Sizes
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.desired import Desired, WantedProduct, WantedSource, stream_place

THREADS = 8

Sized = tuple[WantedProduct, Sizes]


def measure(
    desired: Desired,
    observed: Observed,
    platform: Platform,
    *,
    everything: bool,
    tell: Callable[[str], None],
) -> tuple[Sized, ...]:
    """Ask for the sizes of each product whose model is new or changed; within seconds.

    A database that can't be asked is no error: nothing is known then.

    Args:
        desired: what the files want.
        observed: what stands.
        platform: the systems.
        everything: ask for every product.
        tell: told what is asked, in words.
    """
    asked: dict[str, list[WantedProduct]] = {}
    for one in desired.products:
        if everything or _changed(one, observed):
            asked.setdefault(f"{one.deployment.domain}.{one.deployment.source}", []).append(one)
    sources = [one for one in desired.sources if one.owner.label in asked]

    def ask(source: WantedSource) -> tuple[Sized, ...]:
        label = source.owner.label
        tell(f"asking {label} for its largest documents")
        return _ask(source, asked[label], platform)

    with ThreadPoolExecutor(THREADS) as pool:
        return tuple(one for found in pool.map(ask, sources) for one in found)


def _changed(wanted: WantedProduct, observed: Observed) -> bool:
    old = observed.deployments.get(wanted.deployment.key)
    return not isinstance(old, ProductDeployment) or old.model != wanted.deployment.model


def _ask(
    source: WantedSource, products: list[WantedProduct], platform: Platform
) -> tuple[Sized, ...]:
    models = [one.deployment.model for one in products]
    try:
        found = platform.databases.sizes(source.source, source.database.tables, models)
    except MeshError:
        return ()
    return tuple(zip(products, found, strict=True))


def by_owner(sized: tuple[Sized, ...]) -> Mapping[str, Sizes]:
    """Give the sizes by the owner's key, products about which there is nothing to say left out."""
    return {one.owner.key: sizes for one, sizes in sized if sizes.largest}


def warnings(sized: tuple[Sized, ...]) -> Iterator[Note]:
    """Warn of documents that are larger than their contract allows."""
    for product, sizes in sized:
        document, stream = sizes.document, product.deployment.stream
        if document is not None and document.size > stream.max_bytes:
            text = (
                f"document {', '.join(document.key)} has {document.size:,} bytes as JSON, its "
                f"contract allows {stream.max_bytes:,}: as an event it is smaller, but if it is "
                f"still too large it is kept from the topic (on_violation: {stream.on_violation}); "
                "raise `max_bytes`, or give its list a product of its own"
            )
            yield Note(product.owner, text, "!", stream_place(product.built.port))
