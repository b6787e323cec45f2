"""Choosing TCP ports on the loopback address."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from streammesh.errors.local import PortTaken
from streammesh.local.processes import holder_of

HOST = "127.0.0.1"

PREFERRED = {
    "postgres": 15432,
    "kafka": 19092,
    "kafka_controller": 19093,
    "registry": 18081,
    "registry_management": 18082,
    "connect": 18083,
}
"""What a workspace gets when it is the first on the machine."""

# below the ports that the system hands out for outgoing connections, which would come and go
OTHERS = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # a port whose last connections are still in TIME_WAIT is free for a server
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(name: str, taken: Iterable[int], free: Callable[[int], bool] = is_free) -> int:
    """Give a free port for `name`, the preferred one if possible.

    Args:
        name: one of PREFERRED.
        taken: ports that are promised to others, though nobody listens there yet.
        free: says whether a port is free.
    """
    avoid = set(taken)
    preferred = PREFERRED[name]
    if preferred not in avoid and free(preferred):
        return preferred
    candidates = random.sample(OTHERS, 200)
    return next(port for port in candidates if port not in avoid and free(port))


def assign(
    remembered: Mapping[str, int],
    idle: Mapping[str, Sequence[str]],
    fixed: Collection[str],
    free: Callable[[int], bool] = is_free,
) -> tuple[dict[str, int], dict[str, str]]:
    """Give every port of the stack a number.

    Args:
        remembered: the numbers of the last start.
        idle: the port names of each component that does not run; others keep their numbers.
        fixed: port names that other things depend on.
        free: says whether a port is free.

    Returns:
        The numbers, and for each component whose number changed, what changed.

    Raises:
        PortTaken: somebody else listens on a fixed port.
    """
    assigned, moved = dict(remembered), {}
    for component, names in idle.items():
        for name in names:
            before = assigned.get(name)
            if before is not None and free(before):
                continue
            if before is not None and name in fixed:
                raise PortTaken(port=before, component=component, holder=holder_of(before))
            assigned[name] = choose(name, assigned.values(), free)
            if before is not None:
                moved[component] = (
                    f"port {before} is taken by {holder_of(before)}: now {assigned[name]}"
                )
    return assigned, moved


def answers(port: int) -> bool:
    """Say whether somebody accepts connections on the port."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False
