"""What a deployed model was compiled from, so that an unchanged one is not compiled again.

Thousands of models take a plan longer than all else. A deployment says by a digest what it was made
from; where the files and tables still give that digest, its model is taken as it stands there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import chain
from typing import Any

import msgspec

from streammesh.deployments.deployment import Deployment, ProductDeployment, digested
from streammesh.documents.names import Names
from streammesh.documents.values import Domain, Port
from streammesh.models.tables import Table
from streammesh.planning.wanting.desired import WantedProduct, settled

_GIVEN = ("key_schema_id", "value_schema_id", "earlier", "digest")
_COMPILER = ("errors", "documents", "contracts", "models", "catalog")


class Origins:
    """The digests of ports, and the deployments that were made from the same."""

    def __init__(
        self,
        names: Names,
        tables: Mapping[tuple[str, str], tuple[Table, ...]],
        deployed: Mapping[str, Deployment],
    ) -> None:
        """Compare with what is deployed.

        Args:
            names: of the environment.
            tables: the tables of each source, by domain and source.
            deployed: what engines run, by its key.
        """
        self._names = names
        self._tables = tables
        self._deployed = {
            one.topic: one for one in deployed.values() if isinstance(one, ProductDeployment)
        }
        self._sources: dict[str, bytes] = {}

    def of(self, port: Port, domain: Domain) -> str:
        """Give the digest of all that a port's model is compiled from: 32 hexadecimal digits."""
        topic = port.topic(self._names)
        said = msgspec.json.encode(
            (topic, port.version, port.status, port.model.text, port.contract.document)
        )
        parts = (compiler(), self._of_sources(domain), said)
        return hashlib.blake2b(b"\0".join(parts), digest_size=16).hexdigest()

    def deployment(self, port: Port, origin: str) -> ProductDeployment | None:
        """Give the deployment that was made from just that; None when there is none.

        One that is not as it was written is none.
        """
        found = self._deployed.get(port.topic(self._names))
        if found is None or found.origin != origin or digested(found).digest != found.digest:
            return None
        return found

    def _of_sources(self, domain: Domain) -> bytes:
        known = self._sources.get(domain.name)
        if known is None:
            sources = [
                (one.name, one.products, settled(self._tables[one.domain, one.name]))
                for one in domain.sources
            ]
            known = hashlib.blake2b(msgspec.json.encode(sources)).digest()
            self._sources[domain.name] = known
        return known


def compiled_again(
    products: Iterable[WantedProduct], deployed: Mapping[str, Deployment]
) -> Iterable[ProductDeployment]:
    """Give deployments as they stand, but for what they are known to be made from."""
    for one in products:
        stands = deployed.get(one.deployment.key)
        if isinstance(stands, ProductDeployment) and stands.origin != one.deployment.origin:
            known = replace(one.deployment, **_given(stands))
            if known == stands:
                yield known


def _given(stands: ProductDeployment) -> dict[str, Any]:
    """Give what apply adds to what the files want."""
    return {name: getattr(stands, name) for name in _GIVEN}


@cache
def compiler() -> bytes:
    """Give a digest of the code that compiles: a new streammesh compiles everything once more."""
    package = files("streammesh")
    sources = chain.from_iterable(_sources(package.joinpath(one)) for one in _COMPILER)
    digest = hashlib.blake2b(digest_size=16)
    for name, text in sorted(sources):
        digest.update(name.encode() + b"\0" + text)
    return digest.digest()


def _sources(folder: Traversable, at: str = "") -> Iterable[tuple[str, bytes]]:
    for one in folder.iterdir():
        path = f"{at}/{one.name}"
        if one.is_dir() and one.name != "__pycache__":
            yield from _sources(one, path)
        elif one.name.endswith(".py"):
            yield path, one.read_bytes()
