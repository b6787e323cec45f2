"""What can go wrong when a product's events are read."""

from __future__ import annotations

from streammesh.errors.base import MeshError, NotAllowed, UsageError


class BadProductName(UsageError):
    """`{name}` names no product"""

    fix = "write DOMAIN.PRODUCT, DOMAIN.PRODUCT.PORT or a topic such as sales.orders.v1"


class BadStart(UsageError):
    """`{text}` is no time to start from"""

    fix = "write beginning, end, a time (2026-01-31, 2026-01-31T10:00:00Z) or an age (15m, 2h, 7d)"


class NothingToRead(NotAllowed):
    """there is no `{name}` that `{principal}` may read"""

    why = (
        "Kafka gives one answer for a topic that doesn't exist and for one that may not be seen,\n"
        "so streammesh can't tell which it is."
    )
    fix = "`mesh plan` shows what is not yet applied; `--as PRINCIPAL` reads as somebody else"


class PasswordMissing(UsageError):
    """no password is known for `{principal}`"""


class EventsUnreadable(MeshError):
    """{count} events of `{topic}` could not be decoded; their lines say why, in `error`"""
