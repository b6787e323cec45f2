"""How a person names a product, and which topic that is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from streammesh.documents.names import NAME, Names
from streammesh.errors.consume import BadProductName

_MAJOR = re.compile(r"v([1-9][0-9]*)\Z")


@dataclass(frozen=True)
class ProductReference:
    """A product's port as named on a command line.

    Attributes:
        domain: owning domain.
        product: product's name.
        port: port's name; the product's own for its main port.
        major: major version, None for the newest.
    """

    domain: str
    product: str
    port: str
    major: int | None = None

    def topics(self, names: Names, visible: Collection[str]) -> dict[int, str]:
        """Give the port's topics among those that one may see: major version → full name."""
        stem = names.product_topic(self.domain, self.product, self.port, 0).removesuffix("0")
        found = {int(name[len(stem) :]): name for name in visible if _is_version_of(name, stem)}
        return {major: found[major] for major in sorted(found) if self.major in (None, major)}


def _is_version_of(name: str, stem: str) -> bool:
    return name.startswith(stem) and _MAJOR.match("v" + name[len(stem) :]) is not None


def parse_product(text: str, names: Names, major: int | None = None) -> ProductReference:
    """Read `sales.orders`, `sales.orders.lines`, or a product's topic such as `sales.orders.v1`.

    Args:
        text: as typed.
        names: the environment's, whose namespace a topic's name may carry.
        major: the version asked for beside the name; the one within a topic's name comes first.

    Raises:
        BadProductName: it is none of these.
    """
    bare = text.removeprefix(f"{names.namespace}-") if names.namespace else text
    *parts, last = bare.split(".")
    version = _MAJOR.match(last)
    if version:
        major = int(version[1])
    else:
        parts.append(last)
    if len(parts) not in (2, 3) or not all(NAME.match(part) for part in parts):
        raise BadProductName(name=text)
    return ProductReference(parts[0], parts[1], parts[-1], major)
