"""Do faults, print a line for each, and keep them in chaos/results.json.

SIZE=ci|large CHAOS_SEED=1 python -m chaos [FAULT …]     # all faults of engines when none is named
python -m chaos parts                                     # all of a whole mesh, `chaos.parts`
"""

from __future__ import annotations

import os
import sys

from bench.stack import admin, running
from chaos import namespace, parts, results
from chaos.catalogue import FAULTS, Fault
from chaos.garbage import KINDS
from chaos.results import Result
from chaos.run import run


def main(names: list[str]) -> int:
    """Do the faults of these names, or all; 1 if anything was wrong."""
    if names and set(names) <= {"parts", *parts.FAULTS}:
        return parts.main([] if "parts" in names else names)
    size = os.environ.get("SIZE") or "ci"
    seed = int(os.environ.get("CHAOS_SEED") or "1")
    chosen = _chosen(names)
    if size not in {"ci", "large"}:
        raise SystemExit(f"no size {size!r}: ci or large")
    if os.geteuid() == 0:
        # as a mere user of a namespace one could not become another user, as `state-read-only` does
        namespace.enter("chaos", names)
    print(f"-- chaos, size {size}, seed {seed}", file=sys.stderr)
    print(results.head(), flush=True)
    found: dict[str, Result] = {}
    for name, made, small, many in KINDS:
        if not names or name in names:
            found[name] = made(f"streammesh-{name}-", small if size == "ci" else many, seed)
            _tell(name, found[name])
    if chosen:
        with running() as stack:
            counts = [(one, one.ci if size == "ci" else one.large) for one in chosen]
            found |= run(admin(stack), counts, seed, _tell)
    results.keep(found)
    killed = sum(found[one.name].done for one in chosen if one.kills)
    bad = [name for name, result in found.items() if not result.good]
    print(f"{killed:,} kills; kept in {results.FILE}", file=sys.stderr)
    print(f"wrong: {', '.join(bad)}" if bad else "nothing wrong", file=sys.stderr)
    return bool(bad)


def _chosen(names: list[str]) -> list[Fault]:
    known = {one.name: one for one in FAULTS}
    garbage = {name for name, *_ in KINDS}
    if unknown := set(names) - set(known) - garbage:
        there = ", ".join([*known, *sorted(garbage), "parts", *parts.FAULTS])
        raise SystemExit(f"no fault {', '.join(unknown)}; there are {there}")
    return [known[name] for name in names if name in known] if names else list(FAULTS)


def _tell(name: str, result: Result) -> None:
    print(results.line(name, result), flush=True)
    for one in [result.failed, *result.told] if not result.good else ():
        print(f"    {one}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
