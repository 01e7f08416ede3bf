"""Progress bars for long work; plain lines where there is no terminal."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)


class ProgressBars:
    """One bar per stage. An instance is a `domain.progress.Report`."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._bars = Progress(
            TextColumn("{task.description:<44}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._done: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Show that ``done`` of ``total`` of ``stage`` is done."""
        if stage not in self._done or done < self._done[stage]:  # it begins, perhaps again
            self._tasks[stage] = self._bars.add_task(stage, total=total)
            if not self.console.is_terminal:
                self.console.print(f"{stage} ...")
        self._done[stage] = done
        self._bars.update(self._tasks[stage], completed=done, total=total)

    def say(self, text: str) -> None:
        """Print a line between the bars."""
        self.console.print(text)
