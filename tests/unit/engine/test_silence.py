"""A log to which nothing comes is told of, once."""

from __future__ import annotations

from streammesh.engine.silence import SILENT_SECONDS, Silence


def test_a_silence_is_told_once_and_the_next_one_again() -> None:
    now, told = [0.0], []
    silence = Silence(told.append, lambda: now[0])
    for seconds, records in ((SILENT_SECONDS - 1, 0), (SILENT_SECONDS, 0), (SILENT_SECONDS * 3, 0)):
        now[0] = seconds
        silence.heard(records)
    assert len(told) == 1
    assert "mesh plan" in told[0]
    silence.heard(1)
    now[0] += SILENT_SECONDS - 1
    silence.heard(0)
    assert len(told) == 1
    now[0] += 1
    silence.heard(0)
    assert len(told) == 2
