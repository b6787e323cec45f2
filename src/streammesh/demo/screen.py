"""Where a scene is shown: drawn again and again on a terminal, else as lines that follow."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from streammesh.demo.scene import Scene, Step, lines, status_lines, step_line

REFRESHES_PER_SECOND = 4
LINES_EVERY_SECONDS = 5.0
NOTES_SHOWN = 4


class Screen(Protocol):
    """Shows what the demo does; may be called from any thread."""

    def step(self, step: Step) -> None:
        """Show how far a part of the mesh is."""
        ...

    def note(self, text: str) -> None:
        """Tell of something that happened."""
        ...

    def working(self, text: str) -> None:
        """Tell what is being done just now; said only where it can be overwritten."""
        ...

    def show(self, **parts: Any) -> None:
        """Show other parts of the scene: its fields by name."""
        ...


class Board:
    """A scene that threads change, and a way to show it."""

    def __init__(self, title: str, steps: tuple[str, ...]) -> None:
        """Begin with all steps waiting."""
        self._lock = threading.Lock()
        self.scene = Scene(title, tuple(Step(name) for name in steps))

    def step(self, step: Step) -> None:
        """Put a step in place of the one of its name, or behind all others."""
        with self._lock:
            known = [one.name for one in self.scene.steps]
            others = [step if one.name == step.name else one for one in self.scene.steps]
            steps = others if step.name in known else [*others, step]
            self.scene = replace(self.scene, steps=tuple(steps))

    def note(self, text: str) -> None:
        """Keep the last few notes, each with its time."""
        with self._lock:
            stamped = f"{time.strftime('%H:%M:%S')} {text}"
            self.scene = replace(self.scene, notes=(*self.scene.notes, stamped)[-NOTES_SHOWN:])

    def working(self, text: str) -> None:
        """Change what is being done just now."""
        with self._lock:
            self.scene = replace(self.scene, doing=text)

    def show(self, **parts: Any) -> None:
        """Change other parts of the scene."""
        with self._lock:
            self.scene = replace(self.scene, **parts)


class Terminal(Board):
    """Draws the scene in place, several times a second."""

    def __init__(self, console: Console, title: str, steps: tuple[str, ...]) -> None:
        """Draw on a console that is a terminal."""
        super().__init__(title, steps)
        self._live = Live(
            console=console,
            get_renderable=self._draw,
            refresh_per_second=REFRESHES_PER_SECOND,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        """Start drawing."""
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Draw for the last time, and leave it there."""
        self._live.stop()

    def _draw(self) -> Text:
        text = Text("\n".join(lines(self.scene)), no_wrap=True, overflow="crop")
        text.highlight_regex(r"(?m)^  ✓", "green")
        text.highlight_regex(r"(?m)^  !.*$", "yellow")
        text.highlight_regex(r"differences [1-9][0-9,]*", "bold red")
        text.highlight_regex(r"(?m)^\S.*$", "bold")
        return text


class Lines(Board):
    """Prints steps as they are done, notes as they come, and the rest every few seconds."""

    def __init__(self, console: Console, title: str, steps: tuple[str, ...]) -> None:
        """Print on any stream."""
        super().__init__(title, steps)
        self._console = console
        self._next = 0.0

    def __enter__(self) -> Self:
        """Print the title."""
        self._print(self.scene.title)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is left to do."""

    def step(self, step: Step) -> None:
        """Print a step when it is done, once."""
        before = {one.name: one for one in self.scene.steps}
        super().step(step)
        if step.state == "done" and before.get(step.name, Step(step.name)).state != "done":
            self._print(step_line(step))

    def note(self, text: str) -> None:
        """Print a note at once."""
        super().note(text)
        self._print(f"  ! {self.scene.notes[-1]}")

    def show(self, **parts: Any) -> None:
        """Print hints and what is being done at once, the rest now and then."""
        if parts.get("doing") not in {None, "", self.scene.doing}:
            self._print(f"    {parts['doing']}")
        super().show(**parts)
        for hint in parts.get("hints", ()):
            self._print(f"  {hint}")
        if "shop" in parts and time.monotonic() >= self._next:
            self._next = time.monotonic() + LINES_EVERY_SECONDS
            for line in status_lines(self.scene):
                self._print(line)

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def open_screen(console: Console, title: str, steps: tuple[str, ...]) -> Terminal | Lines:
    """Give the kind of screen that fits the console."""
    kind = Terminal if console.is_terminal else Lines
    return kind(console, title, steps)
