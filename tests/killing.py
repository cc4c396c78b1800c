"""A process that forks, kills what it forked at random moments, and has each outcome looked at.

Run as a program: `python killing.py TASK TIMES SEED ARGUMENT...`. The forks need not import anything
again, so a hundred of them take seconds. The parent itself opens no store: its threads would not
survive the fork.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable


def forked(action: Callable[[], object]) -> int:
    """Run an action in a fork and return its process id; its exit code is 0, or 1 after a printed traceback."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    try:
        action()
    except BaseException:  # noqa: BLE001 - whatever it is, the parent shall know
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def waited(process: int) -> int:
    """Return the exit code of a process, negative if a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def kill_at_random(
    times: int, chance: random.Random, acts: list[Callable[[], object]], look: Callable[[], object]
) -> int:
    """Start the actions in turn, kill each at a moment of its usual time, look; return how many were killed."""
    usual = 0.0
    for act in acts:
        begun = time.monotonic()
        if waited(forked(act)) != 0:
            sys.exit("an action fails undisturbed")
        usual = max(usual, time.monotonic() - begun)
    killed = 0
    for number in range(times):
        process = forked(acts[number % len(acts)])
        time.sleep(chance.uniform(0, usual))
        os.kill(process, signal.SIGKILL)
        code = waited(process)
        if code not in {0, -signal.SIGKILL}:
            sys.exit(f"kill {number}: the next run failed")
        killed += code != 0
        if waited(forked(look)) != 0:
            sys.exit(f"kill {number}: what it left is not whole")
    return killed


def killed(task: str, times: int, *arguments: str) -> int:
    """Return how many of the runs of a task were killed; the seed stands in the message if one was not whole."""
    seed = random.randrange(1 << 30)
    done = subprocess.run(
        [sys.executable, __file__, task, str(times), str(seed), *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def main() -> None:
    """Run a task of a test module: a function that takes arguments and returns the actions and the look."""
    module, _, task = sys.argv[1].partition(":")
    acts, look = getattr(importlib.import_module(module), task)(*sys.argv[4:])
    sys.stderr.write(f"seed {sys.argv[3]}\n")
    sys.stdout.write(f"{kill_at_random(int(sys.argv[2]), random.Random(int(sys.argv[3])), acts, look)}\n")


if __name__ == "__main__":
    main()
