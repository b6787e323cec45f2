"""Proofs that source and product agree: in the background again and again, and as a result."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from streammesh.demo.scene import ProofLine
from streammesh.documents.values import Port
from streammesh.errors import MeshError
from streammesh.errors.demo import NumbersDisagree
from streammesh.reconcile.proof import Difference, Proof

EVERY_SECONDS = 30.0
KEYS_NAMED = 20

Prove = Callable[[Port], Proof]


@dataclass(frozen=True)
class Outcome:
    """A proof, and when it was finished (seconds of the monotonic clock)."""

    proof: Proof
    at: float

    def line(self, label: str, now: float) -> ProofLine:
        """Give it as the demo shows it."""
        proof = self.proof
        return ProofLine(
            label=label,
            source=proof.source_documents,
            product=proof.product_documents,
            differences=len(proof.differences),
            not_checked=proof.not_checked,
            quarantined=proof.quarantined,
            position=str(proof.position),
            age=now - self.at,
        )


class Prover:
    """A thread that proves all products, twice a minute."""

    def __init__(self, ports: Sequence[Port], prove: Prove, say: Callable[[str], None]) -> None:
        """Prepare; `start` begins.

        Args:
            ports: what is proved.
            prove: compares one of them with its source.
            say: hears why a proof could not be made.
        """
        self._ports = ports
        self._prove = prove
        self._say = say
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="prover", daemon=True)
        self.outcomes: dict[str, Outcome] = {}

    def start(self) -> None:
        """Start proving."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop; a proof that is being made is not waited for."""
        self._stopping.set()

    def lines(self) -> tuple[ProofLine, ...]:
        """Give the newest outcomes as the demo shows them."""
        now = time.monotonic()
        return tuple(one.line(label, now) for label, one in sorted(self.outcomes.items()))

    def _work(self) -> None:
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            due = time.monotonic() + EVERY_SECONDS
            for port in self._ports:
                self._one(port)

    def _one(self, port: Port) -> None:
        try:
            self.outcomes[port.label] = Outcome(self._prove(port), time.monotonic())
        except MeshError as error:
            if not self._stopping.is_set():
                self._say(f"no proof of {port.label} this time: {error.what.splitlines()[0]}")


def text(label: str, proof: Proof) -> str:
    """Give one product's result for people.

    Source and product count documents at the same position; the digests are over their contents.
    """
    equal = "=" if proof.agrees else "≠"
    rest = f", not checked {proof.not_checked:,}" if proof.not_checked else ""
    rest += f", quarantined {proof.quarantined:,}" if proof.quarantined else ""
    return "\n".join(
        (
            f"{label}: source {proof.source_documents:,} {equal} "
            f"product {proof.product_documents:,}, differences {len(proof.differences):,}{rest}",
            f"  source   {proof.source_digest}   at LSN {proof.position}",
            f"  product  {proof.product_digest}",
        )
    )


def as_json(proof: Proof) -> dict[str, object]:
    """Give one product's result for programs."""
    return {
        "source": proof.source_documents,
        "product": proof.product_documents,
        "differences": [
            {"key": dict(one.key), "kind": one.kind, "fields": list(one.fields)}
            for one in proof.differences
        ],
        "not_checked": proof.not_checked,
        "quarantined": proof.quarantined,
        "quarantined_keys": [dict(one) for one in proof.quarantined_keys],
        "position": str(proof.position),
        "source_digest": proof.source_digest,
        "product_digest": proof.product_digest,
    }


def check(proofs: Mapping[str, Proof]) -> None:
    """Fail unless all products agree with their sources.

    Raises:
        NumbersDisagree: naming the keys and fields that differ.
    """
    bad = {label: proof for label, proof in proofs.items() if not proof.agrees}
    if not bad:
        return
    count = sum(len(proof.differences) + proof.not_checked for proof in bad.values())
    why = "\n".join(line for label, proof in bad.items() for line in _reasons(label, proof))
    raise NumbersDisagree(
        count=f"{count:,}", documents="document" if count == 1 else "documents", why=why
    )


def _reasons(label: str, proof: Proof) -> list[str]:
    lines = [f"{label} {_reason(one)}" for one in proof.differences[:KEYS_NAMED]]
    if (more := len(proof.differences) - KEYS_NAMED) > 0:
        lines.append(f"{label} and {more:,} more")
    if proof.not_checked:
        lines.append(f"{label} {proof.not_checked:,} keys could not be checked")
    return lines


def _reason(one: Difference) -> str:
    fields = f" ({', '.join(one.fields)})" if one.fields else ""
    key = ", ".join(f"{name} {value}" for name, value in one.key.items())
    return f"{key}: {one.kind}{fields}"
