"""The demo from its first line to its last: set up, run in one of three ways, and clear away."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from streammesh.demo import live
from streammesh.demo.alone import alone
from streammesh.demo.live import Result
from streammesh.demo.pace import Workload
from streammesh.demo.screen import Board, open_screen
from streammesh.demo.session import Session
from streammesh.demo.setup import STEPS, Deploy, bring_up
from streammesh.demo.shop import Tally
from streammesh.demo.timeline import Timeline
from streammesh.errors.local import StackNotUp
from streammesh.local.stack import Stack

STOPPERS = (signal.SIGINT, signal.SIGTERM)
TITLE = "streammesh demo     everything below is real and on this machine"


@dataclass(frozen=True)
class Options:
    """How the demo runs.

    Attributes:
        root: the workspace.
        workload: how busy the shop is.
        fresh: delete what an earlier demo left, and begin anew.
        keep_up: leave the stack up at the end.
    """

    root: Path
    workload: Workload
    fresh: bool = False
    keep_up: bool = False


class Demo:
    """One run of the demo."""

    def __init__(self, options: Options, console: Console, deploy: Deploy) -> None:
        """Prepare; nothing happens yet.

        Args:
            options: how.
            console: where people read.
            deploy: plans and applies a workspace.
        """
        self._options = options
        self._console = console
        self._deploy = deploy
        self._stack = Stack(options.root)
        self.timeline = Timeline()

    def live(self) -> None:
        """Run until Ctrl-C, then stop everything; the data stays for the next time."""
        with self._standing("Ctrl-C stops it", down=True) as session:
            session.screen.show(hints=self._hints())
            live.run_until_stopped(session, self._options.workload, session.provers.prove)

    def once(self, before_proof: Callable[[], None] = lambda: None) -> Result:
        """Do a bounded workload and prove every product.

        The stack is stopped at the end, unless it was up before or is to be kept up.

        Args:
            before_proof: called between workload and proof; a test may tamper there.
        """
        what = f"{self._options.workload.transactions:,} transactions, then a proof"
        with self._standing(what, down=not self._is_up()) as session:
            workload = self._options.workload
            return live.run_once(session, workload, session.provers.prove, before_proof)

    def prove(self) -> Result:
        """Prove every product on the stack that is up; nothing is written to the shop.

        Raises:
            StackNotUp: it is not.
        """
        if not self._is_up():
            raise StackNotUp
        with self._standing("the proof alone", down=False) as session:
            return Result(Tally(), live.prove_all(session, session.provers.prove))

    @contextmanager
    def _standing(self, what: str, *, down: bool) -> Iterator[Session]:
        """Have everything up, published and watched within the `with` block."""
        root = self._options.root
        title = f"{TITLE}; {what}\n  in {root}; its data stays in .mesh, --fresh begins anew"
        with ExitStack() as closing:
            for number in STOPPERS:
                closing.callback(signal.signal, number, signal.getsignal(number))
            closing.enter_context(alone(root))
            screen = closing.enter_context(open_screen(self._console, title, STEPS))
            if down and not self._options.keep_up:
                closing.callback(self._down, screen)
            if self._options.fresh:
                self._stack.delete_data()
            try:
                mesh = bring_up(root, screen, self.timeline, self._deploy)
                session = closing.enter_context(Session.of(mesh, screen, self.timeline))
                session.wait_until_live()
                yield session
            finally:
                # a second Ctrl-C would leave half of it running
                for number in STOPPERS:
                    signal.signal(number, signal.SIG_IGN)
                screen.show(doing="stopping", hints=())

    def _down(self, screen: Board) -> None:
        self._stack.down(lambda name, state, _: screen.show(doing=f"{name}: {state}"))
        screen.show(doing="all stopped; the data stays for the next time")

    def _is_up(self) -> bool:
        return any(one.pid is not None for one in self._stack.status())

    def _hints(self) -> tuple[str, ...]:
        place = _place(self._options.root)
        return (
            f"try, in another terminal:   {place}mesh consume sales.orders -n 3",
            f"                            {place}mesh preview sales.orders --key 42",
        )


def _place(root: Path) -> str:
    """Give what stands before a command so that it works on the demo's workspace."""
    here = Path.cwd()
    if root == here:
        return ""
    shown = root.relative_to(here) if root.is_relative_to(here) else root
    return f"cd {shown} && "
