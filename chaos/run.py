"""Does faults, each in a world of its own, two at a time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos.catalogue import Fault
from chaos.namespace import NotHere
from chaos.results import Result
from chaos.server import EngineServer
from chaos.world import Setting, World
from streammesh.platform.settings import KafkaSettings

AT_ONCE = 2

Tell = Callable[[str, Result], None]


def run(
    kafka: KafkaSettings, faults: Iterable[tuple[Fault, int]], seed: int, tell: Tell
) -> dict[str, Result]:
    """Do faults.

    Args:
        kafka: a cluster, as one who may do everything.
        faults: each with how often.
        seed: decides what the shop does and where faults hit.
        tell: told each result.
    """
    engines = EngineServer()
    results: dict[str, Result] = {}
    with tempfile.TemporaryDirectory(prefix="streammesh-chaos-") as folder:
        setting = Setting(kafka, engines, Path(folder))

        def one(fault: Fault, count: int) -> None:
            results[fault.name] = result = _do(setting, fault, count, seed)
            tell(fault.name, result)

        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda pair: one(*pair), faults))
        finally:
            engines.close()
    return results


def _do(setting: Setting, fault: Fault, count: int, seed: int) -> Result:
    began = time.monotonic()
    result = Result(control=fault.control)
    world = World(setting, seed)
    try:
        result.done = fault.run(world, count)
        world.settle()
    except NotHere as why:
        result.not_here = str(why)
    except Exception as error:
        result.failed = f"{type(error).__name__}: {error}"
    try:
        try:
            _judge(world, result)
        finally:
            world.close()
    except Exception as error:
        result.failed = result.failed or f"{type(error).__name__}: {error}"
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _judge(world: World, result: Result) -> None:
    world.read_progress()
    verdict = world.verdict()
    for name in ("lost", "doubled", "torn", "reordered", "wrong", "transactions", "events"):
        setattr(result, name, getattr(verdict, name))
    result.unbalanced = world.unbalanced
    result.crashes = len(world.crashes)
    result.alarms = len(world.alarms)
    result.told = [*verdict.told, *world.crashes[:2], *world.alarms[:3], *world.notes]
