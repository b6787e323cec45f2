"""The kinds of thing that data lives in, from the service to the consumer."""

from __future__ import annotations

import enum


class Kind(enum.StrEnum):
    """What a thing is; the catalog's table `kinds` holds the same words."""

    SOURCE_DATABASE = "source database"
    PRIVATE_LOG = "private log"
    PRODUCT = "product"
    DELIVERED_TABLE = "delivered table"


MEANINGS = {
    Kind.SOURCE_DATABASE: "an operational database that a domain owns, or the products it reads",
    Kind.PRIVATE_LOG: "a source's changes, as they were captured; nobody but its engine reads them",
    Kind.PRODUCT: "documents with an owner, a contract and a promise, for others to use",
    Kind.DELIVERED_TABLE: "what a subscription makes of a product at its consumer",
}
