"""Resolve what the local stack and `bench flink` need with `mvn`.

Each file is pinned by coordinate, size and SHA-256.

Run it by hand after changing a version below: `python scripts/lock_artifacts.py`. It needs `mvn`;
users never do, since the stack fetches the pinned files one by one.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "src/streammesh/local/artifacts.lock.json"
BENCH_LOCK = ROOT / "bench/flink.lock.json"
LIST_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:list"
LOG4J = "2.25.5"  # the version that Kafka itself brings; the binding must match it


@dataclass(frozen=True)
class Wanted:
    """One Maven dependency: `transitive` takes its whole runtime tree, else the file alone."""

    group: str
    artifact: str
    version: str
    packaging: str = "jar"
    classifier: str = ""
    transitive: bool = True

    def xml(self) -> str:
        """Give the `<dependency>` element."""
        everything = "<groupId>*</groupId><artifactId>*</artifactId>"
        only = f"<exclusions><exclusion>{everything}</exclusion></exclusions>"
        classifier = f"<classifier>{self.classifier}</classifier>" if self.classifier else ""
        return (
            f"<dependency><groupId>{self.group}</groupId><artifactId>{self.artifact}</artifactId>"
            f"<version>{self.version}</version><type>{self.packaging}</type>{classifier}"
            f"{'' if self.transitive else only}</dependency>"
        )


KAFKA = "org.apache.kafka"
LOGGING = tuple(
    Wanted("org.apache.logging.log4j", name, LOG4J, transitive=False)
    for name in ("log4j-api", "log4j-core", "log4j-slf4j-impl")
)
SETS: dict[str, tuple[str, tuple[Wanted, ...]]] = {
    "kafka": ("4.4.0", (Wanted(KAFKA, "kafka_2.13", "4.4.0"), *LOGGING)),
    "connect": (
        "4.3.1",
        (
            *(
                Wanted(KAFKA, f"connect-{part}", "4.3.1")
                for part in ("runtime", "json", "transforms")
            ),
            *LOGGING,
        ),
    ),
    "debezium": (
        "3.5.0.Final",
        (
            Wanted(
                "io.debezium",
                "debezium-connector-postgres",
                "3.5.0.Final",
                "tar.gz",
                "plugin",
                False,
            ),
        ),
    ),
    "registry": (
        "3.3.3",
        (Wanted("io.apicurio", "apicurio-registry-app", "3.3.3", "tar.gz", "all", False),),
    ),
}


FLINK, FLINK_VERSION = "org.apache.flink", "2.2.0"
FLINK_PARTS = (
    *("clients", "connector-files", "json", "statebackend-rocksdb", "table-api-java-bridge"),
    *("table-planner-loader", "table-runtime"),
)
BENCH_SETS: dict[str, tuple[str, tuple[Wanted, ...]]] = {
    "flink": (
        FLINK_VERSION,
        (
            *(Wanted(FLINK, f"flink-{part}", FLINK_VERSION) for part in FLINK_PARTS),
            # it holds its own API already
            Wanted(FLINK, "flink-sql-gateway", FLINK_VERSION, transitive=False),
            Wanted(FLINK, "flink-sql-connector-kafka", "5.0.0-2.2"),
            *(
                Wanted("org.apache.logging.log4j", name, "2.24.3", transitive=False)
                for name in ("log4j-api", "log4j-core", "log4j-slf4j-impl")
            ),
        ),
    ),
}


def main() -> None:
    """Write the lock files anew."""
    for lock, wanted_sets in ((LOCK, SETS), (BENCH_LOCK, BENCH_SETS)):
        sets = {
            name: {"version": version, "files": _pinned(wanted)}
            for name, (version, wanted) in wanted_sets.items()
        }
        lock.write_text(json.dumps({"format": 1, "sets": sets}, indent=1) + "\n")


def _pinned(wanted: tuple[Wanted, ...]) -> dict[str, dict[str, object]]:
    return {coordinate: _digest(path) for coordinate, path in sorted(_resolve(wanted).items())}


def _resolve(wanted: tuple[Wanted, ...]) -> dict[str, Path]:
    """Give coordinate → file for the runtime tree of `wanted`."""
    with tempfile.TemporaryDirectory() as folder:
        pom = Path(folder) / "pom.xml"
        pom.write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            "<groupId>lock</groupId><artifactId>lock</artifactId><version>1</version><packaging>pom</packaging>"
            f"<dependencies>{''.join(one.xml() for one in wanted)}</dependencies></project>"
        )
        listing = Path(folder) / "list.txt"
        command = ["mvn", "-q", "-B", "-f", str(pom), LIST_GOAL, "-DincludeScope=runtime"]
        subprocess.run(  # noqa: S603 - our own arguments
            [*command, f"-DoutputFile={listing}", "-DoutputAbsoluteArtifactFilename=true"],
            check=True,
        )
        return dict(
            _parse(line) for line in listing.read_text().splitlines() if ":" in line and "/" in line
        )


def _parse(line: str) -> tuple[str, Path]:
    """Read `group:artifact:packaging[:classifier]:version:scope:/path/of/file -- module …`."""
    text = line.split(" -- ", maxsplit=1)[0].strip()
    head, _, path = text.partition(":/")
    group, artifact, packaging, *classifier, version, _scope = head.split(":")
    return ":".join([group, artifact, version, *classifier, packaging]), Path("/" + path)


def _digest(path: Path) -> dict[str, object]:
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


if __name__ == "__main__":
    main()
