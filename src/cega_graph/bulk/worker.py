"""The process that makes parts: it takes the setup, then parts and answers, until its input ends.

Run by `Crew` only. Frames on both pipes are those of `store.worker`; their content is pickled, by this
program for this program.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from typing import Any, BinaryIO

from cega_graph.bulk.part import Counts, OutOfOrder, Setup, Unsound, made
from cega_graph.errors import CegaGraphError
from cega_graph.store.worker import read_frame, write_frame


def receive(pipe: BinaryIO) -> Any:  # noqa: ANN401
    """Return what stands in the next frame, or None where the pipe ends."""
    frame = read_frame(pipe)
    return None if frame is None else pickle.loads(frame)  # noqa: S301 - written by this program


def send(pipe: BinaryIO, message: object) -> None:
    """Write a frame."""
    write_frame(pipe, pickle.dumps(message, protocol=5))


def main() -> None:
    """Make the parts that the frames name."""
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between frames
    gc.disable()  # rows make no cycles, and looking for some takes a sixth of the time
    setup: Setup | None = receive(incoming)
    while setup is not None and (part := receive(incoming)) is not None:
        steps = made(setup, part)
        try:
            send(outgoing, said := next(steps))
            while not isinstance(said, Counts) and (answer := receive(incoming)) is not None:
                send(outgoing, said := steps.send(answer))
        except BrokenPipeError:
            return
        except (CegaGraphError, OutOfOrder, Unsound, OSError) as error:
            send(outgoing, error)
            return
