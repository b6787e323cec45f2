"""Small Java programs for the tests: compiled by a compiler that needs no JDK, run on the JRE."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streammesh.local import runtime, tools
from streammesh.local.artifacts import load_lock, parse_lock
from streammesh.local.cache import Cache, cache_folder
from streammesh.local.downloads import fetch

HERE = Path(__file__).parent
FROM_CONNECT = ("connect-api", "connect-json", "kafka-clients", "jackson-", "slf4j-api")


@dataclass(frozen=True)
class Java:
    """Compiled programs, and the libraries that they need."""

    classes: Path
    path: tuple[Path, ...]

    def run(self, program: str, *arguments: Path) -> None:
        """Run a program to its end; what it says on its errors is the exception's text."""
        command = [str(runtime.java()), "-Xmx256m", "-cp", _joined((self.classes, *self.path))]
        done = subprocess.run(
            [*command, program, *map(str, arguments)], capture_output=True, text=True, timeout=120
        )
        if done.returncode:
            raise AssertionError(done.stderr[-4000:])


def compiled(folder: Path) -> Java:
    """Fetch the libraries, unless they are in the cache, and compile the programs into `folder`."""
    sets = parse_lock((HERE / "jars.lock.json").read_text())
    cache = Cache(cache_folder(), fetch)
    tools.ensure(lambda _done, _all: None)
    cache.ensure([one for found in sets.values() for one in found.artifacts])
    connect = [one for one in load_lock()["connect"].artifacts if _is_wanted(one.filename)]
    path = tuple(cache.path_of(one) for one in (*connect, *sets["converter"].artifacts))
    (compiler,) = (cache.path_of(one) for one in sets["compiler"].artifacts)
    sources = sorted(map(str, (HERE / "java").glob("*.java")))
    command = [str(runtime.java()), "-jar", str(compiler), "-21", "-nowarn", "-proc:none"]
    done = subprocess.run(
        [*command, "-cp", _joined(path), "-d", str(folder), *sources],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return Java(folder, path)


def _is_wanted(filename: str) -> bool:
    return filename.startswith(FROM_CONNECT)


def _joined(path: Sequence[Path]) -> str:
    return ":".join(map(str, path))


def properties(settings: Mapping[str, str]) -> str:
    """Write settings as lines of name=value."""
    return "".join(f"{name}={value}\n" for name, value in settings.items())
