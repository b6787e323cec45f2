"""How the stack's Java programs are started: little memory, quick start, loopback only."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from streammesh.local.setting import Setting

SMALL = (
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "-Djava.net.preferIPv4Stack=true",
    "-Djava.awt.headless=true",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)

# Measured on two cores, all three started together: 13.7 s with the JVM's defaults, 8.7 s when it
# never optimises, 10 s with these: what starts is compiled simply, what is really hot fully.
FULL_WHEN_HOT = (
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=10000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
)
NEVER_FULL = ("-XX:TieredStopAtLevel=1",)


def mark(setting: Setting, component: str) -> str:
    """Give the argument by which a process of this workspace is recognised."""
    return f"-Dstreammesh.process={setting.layout.home}:{component}"


def java(
    setting: Setting,
    component: str,
    *,
    heap_mb: int,
    options: Sequence[str],
    program: Sequence[str],
) -> list[str]:
    """Give the command line of a component.

    Args:
        setting: the stack.
        component: its name.
        heap_mb: the most that its heap may take.
        options: further JVM options.
        program: class path, main class and arguments, or `-jar` and the rest.
    """
    temporary = setting.layout.temporary(component)
    return [
        str(setting.tools.java),
        mark(setting, component),
        "-Xms64m",
        f"-Xmx{heap_mb}m",
        *SMALL,
        f"-Djava.io.tmpdir={temporary}",
        *options,
        *program,
    ]


def class_path(jars: Sequence[Path]) -> list[str]:
    """Give the JVM's `-cp` option; in a fixed order, which its start-up archive depends on."""
    return ["-cp", os.pathsep.join(str(jar) for jar in sorted(jars))]


def log4j(setting: Setting, component: str, quiet: Sequence[str] = ()) -> list[str]:
    """Write the component's logging configuration and give the option that names it.

    Args:
        setting: the stack.
        component: its name.
        quiet: loggers of which only errors are kept.
    """
    lines = [
        "status=error",
        "appender.out.type=Console",
        "appender.out.name=out",
        "appender.out.layout.type=PatternLayout",
        "appender.out.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSSX}{UTC} %p %m (%c{1})%n%throwable",
        "rootLogger.level=info",
        "rootLogger.appenderRef.out.ref=out",
    ]
    for index, name in enumerate(quiet):
        lines += [f"logger.q{index}.name={name}", f"logger.q{index}.level=error"]
    path = setting.layout.home / "logs" / f"{component}.log4j2.properties"
    path.write_text("\n".join(lines) + "\n")
    return [f"-Dlog4j2.configurationFile={path}", "-Dlog4j2.disableJmx=true"]


def digest(parts: Sequence[str]) -> str:
    """Give a short name for a list of texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
