"""When an engine says something: every few seconds while something happens, else once a minute."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Literal

from streammesh.observability import lines
from streammesh.observability.figures import Looker, ProductFigures, SourceFigures

LOOK_SECONDS = 5.0
QUIET_SECONDS = 60.0

Form = Literal["text", "logfmt", "json"]


class Teller:
    """Tells what an engine does, in a thread of its own."""

    def __init__(
        self,
        looker: Looker,
        form: Form,
        keep: Callable[[SourceFigures], None] = lambda _: None,
    ) -> None:
        """Prepare; `start` begins.

        Args:
            looker: at the engine.
            form: "text" and "logfmt" go to stderr, "json" to stdout.
            keep: given the figures of every look, to be shown elsewhere.
        """
        self._looker, self._form, self._keep = looker, form, keep
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._tell, name="teller", daemon=True)
        self._last: SourceFigures | None = None
        self._spoken = 0.0
        self._said = ""

    def start(self) -> None:
        """Start telling."""
        self._thread.start()

    def stop(self) -> None:
        """Tell for the last time, with all that came in and where it went."""
        self._ended.set()
        self._thread.join()
        figures = self._looker.look()
        self._keep(figures)
        self._say(figures, figures.products)
        if self._form == "text":
            self._print(lines.totals(figures))

    def say(self, source: str, what: str) -> None:
        """Say a sentence of the engine."""
        self._said = what
        if self._form == "text":
            self._print([f"{time.strftime('%H:%M:%S')} {source}: {what}"])
        else:
            self._print_fields([lines.message(source, what)])

    def _tell(self) -> None:
        wait = 1.0
        while not self._ended.wait(wait):
            self.look()
            wait = LOOK_SECONDS

    def look(self) -> None:
        """Look once, and say what there is to say."""
        figures, last = self._looker.look(), self._last
        self._keep(figures)
        self._last = figures
        if news(last, figures) or figures.time - self._spoken >= QUIET_SECONDS:
            self._spoken = figures.time
            self._say(figures, tuple(one for one in figures.products if one.news))
            self._say_what_is_new(last, figures)

    def _say_what_is_new(self, last: SourceFigures | None, now: SourceFigures) -> None:
        told = {} if last is None else {one.product: one.told for one in last.products}
        for one in now.products:
            if one.told != told.get(one.product, ""):
                self.say(now.source, one.told)
        # most trouble is said when it comes; not twice
        before = "" if last is None else last.trouble
        if now.trouble not in {"", before, self._said}:
            self.say(now.source, now.trouble)

    def _say(self, figures: SourceFigures, products: tuple[ProductFigures, ...]) -> None:
        if self._form == "text":
            self._print(lines.text(figures, products))
        else:
            self._print_fields(lines.fields(figures, products))

    def _print_fields(self, values: list[lines.Fields]) -> None:
        show = lines.as_json if self._form == "json" else lines.logfmt
        self._print([show(one) for one in values])

    def _print(self, shown: list[str]) -> None:
        stream = sys.stdout if self._form == "json" else sys.stderr
        with self._lock:
            for line in shown:
                print(line, file=stream)
            stream.flush()


def news(last: SourceFigures | None, now: SourceFigures) -> bool:
    """Tell whether something happened between two looks; a heartbeat alone is nothing."""
    if last is None:
        return True
    before = (last.doing, last.trouble, last.changes)
    return (now.doing, now.trouble, now.changes) != before or any(one.news for one in now.products)
