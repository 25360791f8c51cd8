"""A small pool: tasks that give results and further tasks, in daemon threads that cannot keep the process from ending.

`concurrent.futures` waits at exit for threads that hang; a name server that does not answer can hang one beyond every timeout.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

_LOOK_UP = 0.25
"""Seconds after which the one who waits sees whether waiting still makes sense."""

Task = TypeVar("Task")
Result = TypeVar("Result")


class Pool(Generic[Task, Result]):
    """Runs `work` on each task; `work` gives a result and the tasks that follow from it, and never raises."""

    def __init__(self, work: Callable[[Task], tuple[Result, Iterable[Task]]], workers: int) -> None:
        self._work = work
        self._workers = workers

    def run(self, tasks: Iterable[Task], overdue: Callable[[], bool]) -> tuple[list[Result], list[Task]]:
        """The results, in no order, and the tasks that were not finished when waiting for them was `overdue`."""
        # Last in, first out: what follows from a task is done before the next one, so that the slowest service is asked all the time.
        waiting: queue.LifoQueue[Task | None] = queue.LifoQueue()
        done: queue.SimpleQueue[tuple[int, Result, list[Task]]] = queue.SimpleQueue()
        numbers: dict[int, Task] = {}

        def serve() -> None:
            while (entry := waiting.get()) is not None:
                result, further = self._work(entry)
                done.put((id(entry), result, list(further)))

        def add(task: Task) -> None:
            numbers[id(task)] = task  # kept, so that the identity stays its own
            waiting.put(task)

        for task in tasks:
            add(task)
        for _ in range(self._workers):
            threading.Thread(target=serve, daemon=True).start()
        results: list[Result] = []
        while numbers and not overdue():
            try:
                number, result, further = done.get(timeout=_LOOK_UP)
            except queue.Empty:
                continue
            del numbers[number]
            results.append(result)
            for task in further:
                add(task)
        for _ in range(self._workers):
            waiting.put(None)
        return results, list(numbers.values())
