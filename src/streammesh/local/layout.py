"""Where everything of one workspace's stack lies, below `.mesh/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streammesh.errors.local import NoPlaceForStack


@dataclass(frozen=True)
class Layout:
    """The folders and files of the stack of one workspace; nothing is created by naming it.

    Attributes:
        home: the workspace's `.mesh` folder, absolute.
    """

    home: Path

    @classmethod
    def of(cls, workspace_root: Path) -> Layout:
        """Give the layout of the workspace in this folder.

        Its `.mesh` may be a link to that of another workspace: the two share one stack.
        """
        return cls((workspace_root / ".mesh").resolve())

    @property
    def state_file(self) -> Path:
        """What runs where: ports and processes."""
        return self.home / "stack.json"

    @property
    def lock_file(self) -> Path:
        """Held while a command starts or stops the stack."""
        return self.home / "stack.lock"

    @property
    def secrets(self) -> Path:
        """Passwords and files that contain some; mode 0700, its files 0600."""
        return self.home / "secrets"

    @property
    def connect_secrets(self) -> Path:
        """The file that Connect's file config provider may read."""
        return self.secrets / "connect.properties"

    @property
    def engine_state(self) -> Path:
        """The engine's state, which depends on what Kafka holds."""
        return self.home / "state"

    @property
    def all_data(self) -> Path:
        """The parent of the components' data."""
        return self.home / "data"

    def data(self, component: str) -> Path:
        """What the component keeps between runs."""
        return self.all_data / component

    def log(self, component: str) -> Path:
        """The component's log."""
        return self.home / "logs" / f"{component}.log"

    def temporary(self, component: str) -> Path:
        """Emptied at every start of the component."""
        return self.home / "tmp" / component

    def create(self) -> None:
        """Make the folders; the ones above `.mesh` exist.

        Raises:
            NoPlaceForStack: they can't be made.
        """
        try:
            self._create()
        except OSError as error:
            raise NoPlaceForStack(folder=self.home, why=error.strerror) from error

    def _create(self) -> None:
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.home.chmod(0o700)
        for folder in (self.secrets, self.home / "logs", self.all_data, self.home / "tmp"):
            folder.mkdir(mode=0o700, exist_ok=True)
