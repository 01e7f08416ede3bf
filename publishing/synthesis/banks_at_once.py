"""Work for each bank in processes of its own, as many at a time as there are cores."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from multiprocessing.sharedctypes import Synchronized
from typing import TypeVar

from domain.failures import Unavailable

TaskT = TypeVar("TaskT")

_LOOK_S = 0.2


class _Shared:
    """What the processes of a run share; each process has one at a time."""

    done: "Synchronized[int]"
    stopped: "Synchronized[int]"


def run_at_once(
    work: Callable[[TaskT], Generator[int, None, None]],
    tasks: Iterable[TaskT],
    told: Callable[[int], None],
) -> None:
    """Do ``work`` for every task, in processes that end when this one gives up.

    Args:
        work: A function of a module, called in another process; it yields how much it has done
            since it last did.
        tasks: What it is called with; the heaviest first, so that none is left over at the end.
        told: Is told now and again how much all of them have done.

    Raises:
        Unavailable: A process was killed, for instance since memory ran out.
        OSError: The first that ``work`` raised.
    """
    context = multiprocessing.get_context("spawn")
    done, stopped = context.Value("q", 0), context.Value("b", 0)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    executor = ProcessPoolExecutor(cores, context, _begin, (done, stopped))
    try:
        waiting: set[Future[None]] = {executor.submit(_work, work, task) for task in tasks}
        while waiting:
            ended, waiting = wait(waiting, _LOOK_S, FIRST_COMPLETED)
            for future in ended:
                future.result()
            told(done.value)
    except BrokenProcessPool as error:
        raise Unavailable(
            "a process that helped was killed", hint="Look whether memory ran out, and try again."
        ) from error
    finally:
        stopped.value = 1
        executor.shutdown(cancel_futures=True)


def _begin(done: "Synchronized[int]", stopped: "Synchronized[int]") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who began hears it, and stops all
    _Shared.done, _Shared.stopped = done, stopped


def _work(work: Callable[[TaskT], Generator[int, None, None]], task: TaskT) -> None:
    with closing(work(task)) as steps:
        for done in steps:
            with _Shared.done.get_lock():
                _Shared.done.value += done
            if _Shared.stopped.value or os.getppid() == 1:
                return
