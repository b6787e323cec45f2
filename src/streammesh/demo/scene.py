"""What the demo shows: values, and how they read as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
LABEL = 16


@dataclass(frozen=True)
class Step:
    """A part of the mesh being set up.

    Attributes:
        name: such as `PostgreSQL`.
        state: "waiting", "working" or "done".
        what: where it is, or what it did.
        detail: more of it.
    """

    name: str
    state: str = "waiting"
    what: str = ""
    detail: str = ""


@dataclass(frozen=True)
class ShopLine:
    """What the shop does: commits a second, and its last deeds, newest first."""

    per_second: float
    last: tuple[str, ...]


@dataclass(frozen=True)
class ProductLine:
    """What comes out of a product: events a second; delays of commit → consumer in seconds."""

    label: str
    per_second: float
    p50: float | None = None
    p99: float | None = None


@dataclass(frozen=True)
class ProofLine:
    """The last proof of a product.

    Attributes:
        label: the product.
        source: documents that the database computes.
        product: documents that the topic holds.
        differences: how many keys differ.
        not_checked: how many keys could not be compared this time.
        quarantined: how many keys are in quarantine.
        position: where in the source the two were compared.
        age: how long ago, seconds.
    """

    label: str
    source: int
    product: int
    differences: int
    not_checked: int
    quarantined: int
    position: str
    age: float


@dataclass(frozen=True)
class Scene:
    """Everything that is shown at one moment."""

    title: str
    steps: tuple[Step, ...] = ()
    doing: str = ""
    shop: ShopLine | None = None
    products: tuple[ProductLine, ...] = ()
    proofs: tuple[ProofLine, ...] = ()
    notes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


MARKS = {"done": "✓", "working": "…", "waiting": "·"}


def step_line(step: Step) -> str:
    """Give `✓ Kafka   127.0.0.1:19092   SASL/SCRAM, ACLs on`."""
    rest = f"{step.what:<20} {step.detail}" if step.what else step.detail
    text = f"  {MARKS[step.state]} {step.name:<{LABEL}} {rest}"
    return _cut(text.rstrip())


def shop_line(shop: ShopLine) -> str:
    """Give what the shop does."""
    left = f"  {'the shop':<{LABEL}} {f'{shop.per_second:,.0f} commits/s':<20}"
    return _cut(f"{left} last: {', '.join(shop.last)}" if shop.last else left.rstrip())


def product_line(product: ProductLine) -> str:
    """Give what comes out of a product, and how late."""
    left = f"  {product.label:<{LABEL}} {f'{product.per_second:,.0f} events/s':<20}"
    if product.p50 is None or product.p99 is None:
        return left.rstrip()
    return f"{left} commit → consumer  p50 {_delay(product.p50)}  p99 {_delay(product.p99)}"


def proof_line(proof: ProofLine) -> str:
    """Give a proof: both numbers, the differences, and where and when they were compared."""
    equal = "≠" if proof.differences or proof.source != proof.product else "="
    parts = [f"source {proof.source:,} {equal} product {proof.product:,}"]
    parts.append(f"differences {proof.differences:,}")
    if proof.not_checked:
        parts.append(f"not checked {proof.not_checked:,}")
    if proof.quarantined:
        parts.append(f"quarantined {proof.quarantined:,}")
    name = f"proof {proof.label.partition('.')[2]}"
    text = f"  {name:<{LABEL}} {', '.join(parts)}"
    return _cut(f"{text}   {proof.age:,.0f} s ago at LSN {proof.position}")


def status_lines(scene: Scene) -> list[str]:
    """Give the lines that change all the time."""
    lines = [shop_line(scene.shop)] if scene.shop else []
    lines += [product_line(product) for product in scene.products]
    lines += [proof_line(proof) for proof in scene.proofs]
    return lines


def lines(scene: Scene) -> list[str]:
    """Give the whole screen, at most `WIDTH` wide."""
    blocks: Sequence[Sequence[str]] = (
        [*scene.title.splitlines(), *map(step_line, scene.steps)],
        [_cut(f"    {scene.doing}")] if scene.doing else [],
        status_lines(scene),
        [_cut(f"  ! {note}") for note in scene.notes],
        [f"  {hint}" for hint in scene.hints],
    )
    shown = [list(block) for block in blocks if block]
    return [line for block in shown for line in (*block, "")][:-1]


def _delay(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:,.0f} s"


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"
