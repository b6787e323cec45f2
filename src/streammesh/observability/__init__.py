"""What a running engine shows of itself: lines, metrics, traces, and a file for `mesh status`."""
