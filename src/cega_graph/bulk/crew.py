"""Who makes the parts: processes of this program, or this process; what they say is heard in the order of the parts."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import BinaryIO, Final, Protocol, cast

from cega_graph.bulk.cuts import Part
from cega_graph.bulk.part import Answer, Said, Setup, made
from cega_graph.bulk.worker import receive, send
from cega_graph.errors import UnwritableOutput

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from cega_graph.bulk.worker import main; main()"
)


class Hand(Protocol):
    """Makes one part after the other."""

    def begin(self, part: Part) -> Said:
        """Begin a part and return the first thing said of it."""

    def answer(self, answer: Answer) -> Said:
        """Answer what was said last, and return what is said next."""

    def close(self) -> None:
        """End it."""


class Here:
    """Makes parts in this process."""

    def __init__(self, setup: Setup) -> None:
        self._setup: Final = setup
        self._steps: Generator[Said, Answer, None] | None = None

    def begin(self, part: Part) -> Said:
        """Begin a part and return the first thing said of it."""
        self._steps = made(self._setup, part)
        return next(self._steps)

    def answer(self, answer: Answer) -> Said:
        """Answer what was said last, and return what is said next."""
        return cast("Generator[Said, Answer, None]", self._steps).send(answer)

    def close(self) -> None:
        """End it."""
        self._steps = None


class Elsewhere:
    """Makes parts in a process of its own.

    Not `multiprocessing`: that would run a user's script once more where it has no main guard. All
    processes of a crew hash texts alike.
    """

    def __init__(self, setup: Setup, seed: int) -> None:
        self._errors: Final = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as the process
        self._process: Final = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        )  # fmt: skip
        self._tell(setup)

    def _tell(self, message: object) -> None:
        try:
            send(cast("BinaryIO", self._process.stdin), message)
        except BrokenPipeError:
            self._fail()

    def _hear(self) -> Said:
        said = receive(cast("BinaryIO", self._process.stdout))
        if isinstance(said, Exception):
            raise said
        if said is None:
            self._fail()
        return cast("Said", said)

    def _fail(self) -> None:
        code = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip().rsplit("\n", 1)[-1]
        message = (
            f"build: a process that makes parts broke off ({said or code}); give it more memory, or fewer --workers"
        )
        raise UnwritableOutput(message)

    def begin(self, part: Part) -> Said:
        """Begin a part and return the first thing said of it."""
        self._tell(part)
        return self._hear()

    def answer(self, answer: Answer) -> Said:
        """Answer what was said last, and return what is said next."""
        self._tell(answer)
        return self._hear()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._errors.close()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                cast("BinaryIO", pipe).close()
            except BrokenPipeError:
                continue


@contextmanager
def crew(setup: Setup, n: int) -> Iterator[list[Hand]]:
    """Yield `n` hands; one works in this process."""
    if n == 1:
        yield [Here(setup)]
        return
    hands: list[Hand] = []
    seed = secrets.randbelow(1 << 32)
    try:
        hands.extend(Elsewhere(setup, seed) for _ in range(n))
        yield hands
    finally:
        for hand in hands:
            hand.close()


class Turns:
    """Lets those who work on parts by, one after the other, in the order of the parts."""

    def __init__(self) -> None:
        self._next = 0
        self._failure: BaseException | None = None
        self._changed: Final = threading.Condition()

    def wait(self, number: int) -> None:
        """Return when all parts before this one are through.

        Raises:
            Broken: Another part failed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._next == number or self._failure is not None)
            if self._failure is not None:
                raise Broken from self._failure

    def done(self) -> None:
        """Let the next one by."""
        with self._changed:
            self._next += 1
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Send everybody home."""
        with self._changed:
            self._failure = self._failure or error
            self._changed.notify_all()


class Broken(Exception):
    """Another part failed; its error is raised."""


Work = Callable[[int, Part, Hand], None]
"""Sees a part through: its number, the part, the hand that makes it."""


def work_through(parts: Sequence[Part], hands: Sequence[Hand], work: Work, turns: Sequence[Turns]) -> None:
    """Have each part seen through with the help of some hand; all wait for their turn at `turns`.

    Raises:
        Exception: The first that `work` raised; the others end as soon as they wait for their turn.
    """
    left: SimpleQueue[tuple[int, Part]] = SimpleQueue()
    for number, part in enumerate(parts):
        left.put((number, part))
    failures: list[BaseException] = []

    def go_on(hand: Hand) -> None:
        try:
            while not failures:
                work(*left.get_nowait(), hand)
        except (Empty, Broken):
            return
        except BaseException as error:  # noqa: BLE001 - raised below, in the thread that asked for the work
            failures.append(error)
            for turn in turns:
                turn.fail(error)

    threads = [threading.Thread(target=go_on, args=(hand,), daemon=True) for hand in hands[1:]]
    for thread in threads:
        thread.start()
    go_on(hands[0])
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
