"""What comes of a question: kept, under way for somebody else, or executed now."""

from dataclasses import dataclass

from graphql import DocumentNode, ExecutionResult

from api.departure import Departure
from api.endpoint.answer import Answers
from api.endpoint.call import Call
from api.endpoint.execution import Execution
from api.endpoint.question import Question
from api.endpoint.ready import Ready
from api.flight import Flights
from api.kept import KeptAnswers
from api.quota.meter import Account
from api.refusal import RefusalError
from loaders.catalogue import Catalogue
from loaders.request import Loaders, Store
from schema.context import Context
from schema.errors import Code
from schema.tombstone import tombstone


@dataclass(frozen=True, slots=True)
class Outcome:
    """One of three: an answer that can be sent, a result with errors, or a failure.

    Attributes:
        releases: The releases that were read.
        ready: The answer, if there were no errors.
        result: Data and the errors beside them.
        error: Why there are no data.
    """

    releases: list[int]
    ready: Ready | None = None
    result: ExecutionResult | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and who asks it.

    Attributes:
        call: The request.
        question: What it asks.
        document: Its document.
        account: What it is charged to.
        answers: Makes its answer.
    """

    call: Call
    question: Question
    document: DocumentNode
    account: Account
    answers: Answers


class Outcomes:
    """Finds the outcome of each question, and executes it once for all who ask at one time."""

    def __init__(self, kept: KeptAnswers, execution: Execution) -> None:
        """Keep answers in ``kept``; if that is off, each request is executed for itself."""
        self._kept = kept
        self._execution = execution
        self._flights: Flights[Outcome] = Flights()

    async def of(self, asked: Asked, departure: Departure) -> Outcome:
        """Return the outcome of a question; only who executes it is charged.

        Raises:
            RefusalError: RELEASE_WITHDRAWN for the one that the address pins, RATE_LIMITED,
                LIMIT_EXCEEDED for the quota, or OVERLOADED.
            ConnectionError: The database has been away too long.
        """
        while self._kept.on:
            fingerprint, key = newest_catalogue(asked.call).fingerprint, asked.question.key
            ready = self._kept.get(fingerprint, key)
            if ready is not None:
                outcome: Outcome | None = Outcome([*ready.notes.releases], ready)
            else:
                flight = self._flights.get((fingerprint, key))
                if flight is None:
                    break
                outcome = await flight.outcome()
            if outcome is not None:
                await asked.account.settle(0)
                return outcome
        return await self._lead(asked, departure)

    async def _lead(self, asked: Asked, departure: Departure) -> Outcome:
        """Execute a question, also for those who ask it meanwhile."""
        catalogue = newest_catalogue(asked.call)
        require_readable(catalogue, asked.question.release)
        flight = None
        if self._kept.on:
            key = catalogue.fingerprint, asked.question.key
            flight = self._flights.begin(key, departure.worker)
            departure.tell = flight.leave
        outcome = None
        try:
            # What is refused here is refused to this client, and not to the others.
            await asked.account.settle(asked.question.total)
            async with self._execution.turns.turn(asked.account.client.key):
                outcome = await self._executed(asked, catalogue)
            return outcome
        finally:
            departure.tell = None
            if flight is not None:
                flight.land(outcome)

    async def _executed(self, asked: Asked, catalogue: Catalogue) -> Outcome:
        question, visit = asked.question, asked.call.visit
        context = Context(Loaders(Store(asked.call.state["pool"], catalogue)), question.release)
        try:
            result = await self._execution.result(
                question.service,
                asked.document,
                question.operation_name,
                question.variables,
                context,
            )
            visit.releases = context.releases_read
            if result.errors:
                return Outcome(visit.releases, result=result)
            pinned = not (context.live or context.unpinned)
            ready = asked.answers.ready(result.data, pinned=pinned)
        except Exception as error:  # noqa: BLE001 - all who wait are told, each in its own words
            return Outcome(context.releases_read, error=error)
        if not context.live:
            self._kept.put(catalogue.fingerprint, question.key, ready)
        return Outcome(visit.releases, ready)


def newest_catalogue(call: Call) -> Catalogue:
    """Return what is published now.

    Raises:
        ConnectionError: The database has been away too long.
    """
    catalogue: Catalogue = call.state["newest"].catalogue
    return catalogue


def require_readable(catalogue: Catalogue, pinned: int | None) -> None:
    """Refuse a request whose address pins a release that is gone: the whole address is gone.

    Raises:
        RefusalError: RELEASE_WITHDRAWN.
    """
    record = None if pinned is None else catalogue.releases.get(pinned)
    gone = None if record is None else tombstone(record)
    if gone is not None:
        raise RefusalError(Code.RELEASE_WITHDRAWN, gone)
