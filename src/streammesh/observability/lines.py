"""An engine's figures as lines: aligned for a terminal, logfmt or JSON for programs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from streammesh.observability.figures import ProductFigures, SourceFigures

NAME, WIDTH = 24, 100

Fields = Mapping[str, str | int | float | None]
Show = Callable[[Fields], str]


def text(figures: SourceFigures, products: Iterable[ProductFigures]) -> list[str]:
    """Give lines for people: one for the source, one for each of these products."""
    stamp = time.strftime("%H:%M:%S", time.localtime(figures.time))
    shown = [_source_text(figures), *map(_product_text, products)]
    return [f"{stamp} {line}"[:WIDTH] for line in shown]


def _source_text(one: SourceFigures) -> str:
    lag = f"lag {one.lag_records:,}"
    if one.lag_seconds >= 1:
        lag += f" ({_seconds(one.lag_seconds)})"
    rate = f"{one.changes_per_second:,.0f} changes/s"
    place = f"  at {one.position}" if one.position else ""
    size = f"state {_size(one.state_bytes)}"
    doing = "" if one.doing == "following" else f"  {one.doing}"
    return f"{one.source:<{NAME}} {rate:>17}  {lag}  {size}{doing}{place}"


def _product_text(one: ProductFigures) -> str:
    rate = f"{one.events_per_second:,.0f} events/s"
    parts = [f"{'  ' + one.product:<{NAME}} {rate:>17}"]
    if one.delay_p50 is not None and one.delay_p99 is not None:
        parts.append(f"delay p50 {_seconds(one.delay_p50):>6}, p99 {_seconds(one.delay_p99):>6}")
    if one.quarantined:
        parts.append(f"{one.quarantined:,} to quarantine")
    if one.status not in {"", "live"}:
        parts.append(one.status)
    return "  ".join(parts)


def totals(figures: SourceFigures) -> list[str]:
    """Say for each product that what came in has gone somewhere."""
    stamp = time.strftime("%H:%M:%S", time.localtime(figures.time))
    return [
        f"{stamp} {one.product}: in {one.documents:,} = out {one.events:,}"
        f" + unchanged {one.unchanged:,} + filtered {one.filtered:,}"
        f" + quarantined {one.quarantined:,} + skipped {one.skipped:,}"
        for one in figures.products
        if one.documents
    ]


def fields(figures: SourceFigures, products: Iterable[ProductFigures]) -> list[Fields]:
    """Give the same by names, for programs: one mapping for each line."""
    head = {"time": stamp(figures.time), "source": figures.source}
    own: Fields = {
        **head,
        "doing": figures.doing,
        "trouble": figures.trouble or None,
        "changes_per_second": round(figures.changes_per_second, 1),
        "lag_records": figures.lag_records,
        "lag_seconds": round(figures.lag_seconds, 3),
        "state_bytes": figures.state_bytes,
        "position": figures.position or None,
        "transactions": figures.transactions,
        "changes": figures.changes,
    }
    return [own, *({**head, **product_fields(one)} for one in products)]


def product_fields(one: ProductFigures) -> dict[str, str | int | float | None]:
    """Give a product's figures by names, delays in milliseconds."""
    return {
        "product": one.product,
        "status": one.status or None,
        "events_per_second": round(one.events_per_second, 1),
        "delay_p50_ms": _milliseconds(one.delay_p50),
        "delay_p99_ms": _milliseconds(one.delay_p99),
        "documents": one.documents,
        "events": one.events,
        "unchanged": one.unchanged,
        "filtered": one.filtered,
        "quarantined": one.quarantined,
        "skipped": one.skipped,
        "warned": one.warned,
    }


def message(source: str, what: str) -> Fields:
    """Give a sentence of the engine by names."""
    return {"time": stamp(time.time()), "source": source, "message": what}


def logfmt(values: Fields) -> str:
    """Give `name=value` pairs with spaces between; what is not known is left out."""
    known = {name: value for name, value in values.items() if value is not None}
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in known.items())


def as_json(values: Fields) -> str:
    """Give one JSON object in one line."""
    return json.dumps(values, ensure_ascii=False)


def stamp(seconds: float) -> str:
    """Give a moment as `2026-01-31T10:00:00.123Z`."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[^\s\"=]+", value) else json.dumps(value, ensure_ascii=False)


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _seconds(value: float) -> str:
    if value < 10:
        return f"{value * 1000:,.0f} ms"
    return f"{value:,.0f} s" if value < 6000 else f"{value / 3600:,.1f} h"


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"
