"""Peak memory of a process that measures itself."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def peak_mb() -> float:
    """Give the most resident memory that this process has had since its program began, MB.

    Linux's `ru_maxrss` is no help in a process that another one has started: it begins with what
    its parent had at that moment. The status file counts the program's own (man proc, VmHWM).
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) / 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 1024
