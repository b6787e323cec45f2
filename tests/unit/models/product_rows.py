"""An example of each row of the table that is of a product as a whole, or of its model."""

from __future__ import annotations

from typing import Any, NamedTuple

from streammesh.contracts.changes.kinds import Kind
from tests.unit.models.versions import KEY, SQL

Parts = dict[str, Any]


class ProductRow(NamedTuple):
    kind: Kind
    old: Parts
    new: Parts
    other: Parts
    path: str = ""


def _sla(name: str, value: str, unit: str = "") -> Parts:
    end = f", unit: {unit}" if unit else ""
    return {"top": f"slaProperties: [ {{ property: {name}, value: {value}{end} }} ]"}


def _model(before: str, after: str) -> Parts:
    assert before in SQL
    return {"sql": SQL.replace(before, after)}


def _kept(days: int) -> Parts:
    return {"topic": {"delete.retention.ms": str(days * 86_400_000)}}


_TWO = f"{KEY}\n{{ name: k, logicalType: integer, primaryKey: true, required: true }}"
_OTHER_WAY = "\n".join(reversed(_TWO.splitlines()))
_TEAM = "team: { name: Sales, members: [ { username: ann } ] }"
_CHANNEL = 'support: [ { channel: "%s" } ]'

PRODUCT_ROWS = [
    ProductRow(Kind.KEY, {"key": _TWO}, {"key": _OTHER_WAY}, {"key": _TWO}),
    ProductRow(
        Kind.PARTITIONS, {}, {"stream": "{ partitions: 8 }"}, {"stream": "{ partitions: 4 }"}
    ),
    ProductRow(
        Kind.ORDERING,
        {},
        _model("ORDER BY l.id", "ORDER BY l.id DESC"),
        _model("ORDER BY l.id", "order by l.ID"),
        "lines",
    ),
    ProductRow(
        Kind.ORDERING,
        {},
        {"stream": "{ history: latest }"},
        {"stream": "{ history: every-commit }"},
    ),
    ProductRow(
        Kind.HISTORY_KEPT, {"stream": "{ history: latest }"}, {}, {"stream": "{ history: latest }"}
    ),
    ProductRow(
        Kind.CLEANUP, {}, {"stream": "{ cleanup: append }"}, {"stream": "{ cleanup: compact }"}
    ),
    ProductRow(
        Kind.RETENTION_SHORTENED,
        _sla("retention", "unlimited"),
        _sla("retention", "30", "d"),
        _sla("retention", "infinite"),
    ),
    ProductRow(
        Kind.RETENTION_LENGTHENED,
        _sla("retention", "2", "d"),
        _sla("retention", "72", "h"),
        _sla("retention", "48", "h"),
    ),
    ProductRow(Kind.TOMBSTONES_SHORTENED, _kept(30), _kept(7), _kept(31)),
    ProductRow(Kind.TOMBSTONES_LENGTHENED, _kept(7), _kept(30), {}),
    ProductRow(
        Kind.TRIGGER,
        {"stream": "{ trigger: any change of an order }"},
        {"stream": "{ trigger: a sent order }"},
        {"stream": "{ trigger: Any  change of an order. }"},
    ),
    ProductRow(
        Kind.FILTER,
        {},
        _model("o.total > 0", "o.total > 1"),
        _model("o.placed AND o.total > 0", "(o.total > 0) AND o.placed"),
    ),
    ProductRow(
        Kind.FILTER,
        {},
        _model("     LEFT JOIN shop.cities", "     JOIN shop.cities"),
        _model("WHERE", "LEFT JOIN shop.regions r ON r.id = ci.region WHERE"),
    ),
    ProductRow(Kind.FILTER, {}, {"sql": f"{SQL} UNION ALL {SQL}"}, {"sql": f"({SQL})"}),
    ProductRow(
        Kind.COMPUTATION,
        {},
        _model("l.qty * l.price", "l.qty * l.price * 2"),
        _model("l.qty * l.price", "l.qty*l.price -- that's it\n"),
        "lines[].amount",
    ),
    ProductRow(
        Kind.COMPUTATION,
        {},
        _model("ci.id = c.city_id", "ci.id = c.home_id"),
        _model("ci.id = c.city_id", "c.city_id = ci.id"),
        "customer.city",
    ),
    ProductRow(
        Kind.COMPUTATION,
        {},
        _model("l.order_id = o.id", "l.order_id = o.id AND l.qty > 0"),
        _model("l.order_id = o.id", "o.id = l.order_id"),
        "lines",
    ),
    ProductRow(
        Kind.LIMITS, {}, {"stream": "{ max_bytes: 5 }"}, {"stream": "{ max_bytes: 900000 }"}
    ),
    ProductRow(
        Kind.VIOLATIONS,
        {},
        {"stream": "{ on_violation: warn }"},
        {"stream": "{ on_violation: quarantine }"},
    ),
    ProductRow(
        Kind.SLA_LOOSENED,
        _sla("latency", "5", "s"),
        _sla("latency", "1", "min"),
        _sla("latency", "5000", "ms"),
    ),
    ProductRow(
        Kind.SLA_TIGHTENED,
        _sla("availability", "99", "percent"),
        _sla("availability", "99.9", "percent"),
        _sla("availability", "98", "percent"),
    ),
    ProductRow(
        Kind.QUALITY_LOOSENED,
        {"schema": "quality: [ { type: library, metric: rowCount, mustBeGreaterThan: 10 } ]"},
        {"schema": "quality: [ { type: library, metric: rowCount, mustBeGreaterThan: 5 } ]"},
        {"schema": "quality: [ { type: library, metric: rowCount, mustBeGreaterThan: 20 } ]"},
    ),
    ProductRow(
        Kind.DESCRIPTION_CHANGED,
        {"schema": "description: An order."},
        {"schema": "description: A sale."},
        {"schema": "description: An order."},
    ),
    ProductRow(
        Kind.OWNER,
        {"owner": {"team": "Sales"}},
        {"owner": {"team": "Shop"}},
        {"owner": {"team": "Sales"}},
    ),
    ProductRow(Kind.OWNER, {"top": _TEAM}, {"top": _TEAM.replace("ann", "bob")}, {"top": _TEAM}),
    ProductRow(Kind.SUPPORT, {"top": _CHANNEL % "#a"}, {"top": _CHANNEL % "#b"}, {}),
    ProductRow(Kind.SUPPORT_REMOVED, {"top": _CHANNEL % "#a"}, {}, {"top": _CHANNEL % "#b"}),
    ProductRow(Kind.STATUS_READY, {"status": "draft"}, {"status": "active"}, {"status": "draft"}),
    ProductRow(Kind.STATUS_LOWERED, {}, {"status": "deprecated"}, {"status": "active"}),
    ProductRow(Kind.STATUS_RETIRED, {}, {"status": "retired"}, {"status": "deprecated"}),
]
