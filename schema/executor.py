"""Executes queries set by set: a field of all objects of a list at once."""

import types
from collections.abc import Coroutine, Generator
from functools import partial
from typing import Any

from graphql import ExecutionResult

from loaders.slices import Slices
from schema.execution import SlicedExecutor, running_slices
from schema.plans import Plan, Plans
from schema.run import Run


class SetExecutor(SlicedExecutor):
    """Runs the kept plan of a query, and falls back to the stock executor for the whole of it.

    The stock executor answers whatever a plan does not cover, any error, and any null where none
    may be. So there is one semantics, and errors cost twice what they did.

    Attributes:
        planned: Whether the operation was executed by sets, if perhaps not to the end.
        setback: What made the stock executor answer an operation that was planned.
    """

    planned = False
    setback: Exception | None = None

    def execute_operation(self, serially: bool | None = None) -> Any:  # noqa: ANN401 - the library's own
        """Execute the operation; return its result, or what to await for it."""
        here = running_slices()
        if here is None or not self._is_usual or serially:
            return super().execute_operation(serially)
        plan = Plans.of_schema(self.schema).of(self)
        if plan is None:
            return super().execute_operation(serially)
        self.planned = True
        running = self._by_sets(plan, here)
        if plan.root.awaits:
            return running
        try:
            waited = running.send(None)
        except StopIteration as done:
            return done.value
        return _going_on(running, waited)

    @property
    def _is_usual(self) -> bool:
        """Whether nothing but resolvers is to be told of the execution."""
        return self.middleware_manager is None and self.abort_signal is None and self.hooks is None

    async def _by_sets(self, plan: Plan, here: Slices) -> ExecutionResult:
        loaders = getattr(self.context_value, "loaders", None) if plan.waits == 1 else None
        try:
            rows = await plan.root.rows(Run(self, here, loaders), [self.root_value])
            return ExecutionResult(rows[0], None)
        except Exception as error:  # noqa: BLE001 - the stock executor meets it again, and says it
            self.setback = error.with_traceback(None)
        if loaders is not None:
            loaders.alone = False
        result: Any = super().execute_operation()
        if self.is_awaitable(result):
            result = await result
        return result  # type: ignore[no-any-return]


@types.coroutine
def _going_on(
    running: Coroutine[Any, Any, ExecutionResult],
    waited: Any,  # noqa: ANN401 - what the loop waits for
) -> Generator[Any, Any, ExecutionResult]:
    """Go on with a coroutine that was begun outside and now waits.

    What it waits for may fail, which is for it to handle: the stock executor does.
    """
    while True:
        try:
            value = yield waited
        except BaseException as error:  # noqa: BLE001 - it is told, whatever it is
            step = partial(running.throw, error)
        else:
            step = partial(running.send, value)
        try:
            waited = step()
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
