"""The demo as it runs until somebody stops it, and as a bounded run with a proof at its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from streammesh.demo.pace import Workload
from streammesh.demo.proofs import Prove, Prover
from streammesh.demo.rates import Rate, quantile
from streammesh.demo.scene import ProductLine, ShopLine
from streammesh.demo.session import Session
from streammesh.demo.shop import Shop, Tally
from streammesh.reconcile.proof import Proof

LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Result:
    """What a bounded run gave.

    Attributes:
        tally: what the shop did.
        proofs: one per product, by its label.
    """

    tally: Tally
    proofs: dict[str, Proof]


class Dashboard:
    """Brings the numbers of a running session to its screen."""

    def __init__(self, session: Session, shop: Shop) -> None:
        """Begin to count."""
        self._session = session
        self._shop = shop
        self._commits = Rate()
        self._events = {port.label: Rate() for port in session.mesh.ports}

    def look(self, prover: Prover | None = None) -> None:
        """Show how things are now.

        Raises:
            MeshError: the engine stopped for good.
        """
        self._session.guard.check()
        now, tally = time.monotonic(), self._shop.tally()
        shop = ShopLine(self._commits.at(now, tally.commits), tally.last)
        proofs = prover.lines() if prover else ()
        self._session.screen.show(doing="", shop=shop, products=self._products(now), proofs=proofs)

    def _products(self, now: float) -> tuple[ProductLine, ...]:
        lines = []
        for port in self._session.mesh.ports:
            reading = self._session.reader.readings[self._session.mesh.topic(port)]
            delays = reading.recent(time.time())
            rate = self._events[port.label].at(now, reading.events)
            p50, p99 = quantile(delays, 0.5), quantile(delays, 0.99)
            lines.append(ProductLine(port.label, rate, p50, p99))
        return tuple(lines)


def run_until_stopped(session: Session, workload: Workload, prove: Prove) -> None:
    """Keep the shop busy, and prove twice a minute, until a KeyboardInterrupt.

    Args:
        session: entered, its products live.
        workload: how busy.
        prove: compares a product with its source.
    """
    shop = Shop(session.mesh.database.url, workload)
    prover = Prover(session.mesh.ports, prove, session.screen.note)
    dashboard = Dashboard(session, shop)
    shop.start()
    prover.start()
    try:
        while True:
            dashboard.look(prover)
            time.sleep(LOOK_SECONDS)
    finally:
        prover.stop()
        shop.stop()


def run_once(
    session: Session,
    workload: Workload,
    prove: Prove,
    before_proof: Callable[[], None] = lambda: None,
) -> Result:
    """Do a bounded workload, then prove every product.

    Args:
        session: entered, its products live.
        workload: bounded.
        prove: compares a product with its source.
        before_proof: called when the shop is done; a test may tamper here.
    """
    shop = Shop(session.mesh.database.url, workload)
    dashboard = Dashboard(session, shop)
    shop.start()
    try:
        while shop.busy:
            dashboard.look()
            time.sleep(LOOK_SECONDS)
    finally:
        tally = shop.stop()
    session.timeline.mark("workload")
    before_proof()
    return Result(tally, prove_all(session, prove))


def prove_all(session: Session, prove: Prove) -> dict[str, Proof]:
    """Prove every product."""
    proofs = {}
    for port in session.mesh.ports:
        session.screen.show(doing=f"compares every document of {port.label} with the database")
        proofs[port.label] = prove(port)
    session.screen.show(doing="")
    session.timeline.mark("proof")
    return proofs
