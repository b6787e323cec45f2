"""What `mesh up`, `down` and `demo` say while the local stack starts or stops."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

TITLES = {"postgres": "PostgreSQL", "kafka": "Kafka", "connect": "Connect"}
NOTES = {"kafka": "SASL/SCRAM, ACLs on"}
MARKS = {"ready": "✓", "stopped": "✓", "failed": "✗", "skipped": "-", "moved": "!", "waiting": "…"}
STEP_PERCENT = 20


class StackProgress:
    """Shows progress on a console: bars and spinners on a terminal, plain lines elsewhere.

    Call it with component, state and detail, from any thread (see `local.setting.Progress`).
    """

    def __init__(self, console: Console) -> None:
        """Show on `console`."""
        self._console = console
        self._lock = threading.Lock()
        self._tasks: dict[str, TaskID] = {}
        self._told = 0
        self._bars = Progress(
            TextColumn(" "),
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[detail]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> StackProgress:
        """Begin to show."""
        self._bars.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Leave only the plain lines behind."""
        self._bars.stop()

    def __call__(self, component: str, state: str, detail: str) -> None:
        """Show one step."""
        with self._lock:
            if state == "fetching":
                self._fetching(component, detail)
            elif state in MARKS:
                self._settled(component, state, detail)
            else:
                self._bar(component, None, state)

    def _bar(self, component: str, total: int | None, detail: str) -> TaskID:
        if component not in self._tasks:
            title = f"{TITLES.get(component, component):<12}"
            self._tasks[component] = self._bars.add_task(title, total=total, detail=detail)
        return self._tasks[component]

    def _fetching(self, component: str, detail: str) -> None:
        percent = int(detail.split(maxsplit=1)[0])
        bar = self._bar(component, 100, detail)
        self._bars.update(bar, completed=percent, detail=detail)
        if not self._console.is_terminal and percent >= self._told + STEP_PERCENT:
            self._told = percent - percent % STEP_PERCENT
            self._console.print(f"  … {component:<12}  {detail}")

    def _settled(self, component: str, state: str, detail: str) -> None:
        if component in self._tasks and state != "moved":
            self._bars.remove_task(self._tasks.pop(component))
        note = NOTES.get(component, "") if state == "ready" else ""
        text = detail or {"failed": "did not start"}.get(state, state)
        title = TITLES.get(component, component)
        self._console.print(
            f"  {MARKS[state]} {title:<12}  {text:<20}  {note}".rstrip(), markup=False
        )
