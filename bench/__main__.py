"""Run measurements, print a line for each figure, and keep them in bench/results.json.

python -m bench [NAME …]      # when none is named: all but `flink`, which takes minutes more
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from bench import (
    catalog,
    codec,
    commands,
    delay,
    engine,
    flink,
    groups,
    growth,
    idle,
    large,
    plan,
    snapshot,
)
from bench.results import FILE, Result, keep, line

MEASUREMENTS: dict[str, Callable[[], list[Result]]] = {
    "commands": commands.measure,
    "catalog": catalog.measure,
    "codec": codec.measure,
    "delay": delay.measure,
    "engine": engine.measure,
    "snapshot": snapshot.measure,
    "plan": plan.measure,
    "idle": idle.measure,
    "groups": groups.measure,
    "growth": growth.measure,
    "large": large.measure,
    "flink": flink.measure,
}
# minutes, and 191 MB to download: only when it is named
BY_NAME_ONLY = ("flink",)


def main(names: list[str]) -> None:
    """Run the measurements of these names, or all but those BY_NAME_ONLY."""
    if unknown := set(names) - set(MEASUREMENTS):
        raise SystemExit(
            f"no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}"
        )
    for name in names or [one for one in MEASUREMENTS if one not in BY_NAME_ONLY]:
        load = os.getloadavg()[0]
        started = time.monotonic()
        print(f"-- {name}   ({os.cpu_count()} cores, load {load:.1f} before)", flush=True)
        results = MEASUREMENTS[name]()
        for result in results:
            print(line(result), flush=True)
        keep(results)
        print(f"   {time.monotonic() - started:.0f} s", flush=True)
    print(f"kept in {FILE}; `python -m bench.state` compares where the state could live")


if __name__ == "__main__":
    main(sys.argv[1:])
