"""GraphQL over HTTP: ``/graphql``, the current version, and ``/graphql/<version>``."""

from collections.abc import Mapping
from typing import NamedTuple

import strawberry
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api.budget import check_cost
from api.coding import Coding, accepted_codings, chosen_coding
from api.departure import Departure
from api.endpoint.answer import VARY, Answers
from api.endpoint.body import ACCEPT_QUERY
from api.endpoint.call import Call
from api.endpoint.dry_run import is_dry_run
from api.endpoint.execution import Execution
from api.endpoint.freshness import SAFE, Freshness
from api.endpoint.outcome import Asked, Outcome, Outcomes, newest_catalogue
from api.endpoint.question import Question, Questions
from api.endpoint.reader import ALLOW, Reader, accepted_type, require_acceptable
from api.endpoint.ready import Ready
from api.head import NOTHING, Head
from api.ide.ide import Ide
from api.kept import KeptAnswers
from api.logs import Notes
from api.negotiation import MediaType
from api.quota.meter import Account
from api.refusal import RefusalError
from api.repeats import Repeats
from api.reply import Line, Reply, Sender, send_reply
from api.settings import Settings
from schema.errors import Code
from schema.limits import LIMITS, Limits
from schema.versions import VERSIONS, Versions

_QUESTIONS_SHARE = 8
"""The part of what may be kept that is for questions: an eighth, and another for requests."""


class KeptReply(NamedTuple):
    """A kept answer for one client.

    Attributes:
        call: The request.
        question: What it asks.
        reply: The answer.
        told: What its client is told of its quota.
        notes: What the log says of it.
    """

    call: Call
    question: Question
    reply: Reply
    told: Head
    notes: Notes


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL requests over the schemas of all versions.

    Attributes:
        addresses: The paths of all versions that are served.
        reader: Understands requests, here and wherever else a document is taken.
        execution: Executes them, here and there.
    """

    def __init__(
        self,
        schemas: Mapping[str, strawberry.Schema],
        current: str,
        settings: Settings,
        limits: Limits = LIMITS,
        versions: Versions = VERSIONS,
        ide: Ide | None = None,
    ) -> None:
        self.reader = Reader(schemas, current, settings, limits, versions)
        self.execution = Execution(settings)
        self._limits = limits
        self._ide = ide
        budget = settings.kept_answers_mb * 1_000_000
        share = budget // _QUESTIONS_SHARE
        self._repeats = Repeats(share)
        self._questions = Questions(share)
        self._kept = KeptAnswers(budget - 2 * share)
        self._outcomes = Outcomes(self._kept, self.execution)
        self.addresses = frozenset(self.reader.addresses)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        call = Call(scope, receive)
        if call.method == "OPTIONS":
            headers = {"Allow": ALLOW, "Accept-Query": ACCEPT_QUERY, "Vary": VARY}
            reply = Reply(204, Head.of(headers))
        else:
            reply = self._page(call) or await self._repeated(call) or await self._fresh(call)
        account = call.visit.account
        told = NOTHING if account is None else account.head
        if isinstance(send, Sender):
            await send.reply(reply, told)
        else:
            await send_reply(reply, told, call.method, send)

    def at_once(self, scope: Scope, body: bytes) -> KeptReply | None:
        """Return the answer to a request that came before, byte for byte, if it is kept.

        Nothing is waited for: ``None`` does not mean that there is no such answer.

        Args:
            scope: A request at one of the `addresses`.
            body: All of its body.
        """
        call = Call(scope, _nothing)
        call.body = body
        question = self._known(call)
        return None if question is None else self._kept_reply(call, question)

    def again(self, raw: bytes, line: Line) -> KeptReply | None:
        """Return the answer to a request of the same bytes, head and all, as one before.

        Args:
            raw: The request.
            line: The connection that it came on.
        """
        repeat = self._repeats.get(raw)
        if repeat is None:
            return None
        call, question = repeat
        if not self._is_named_still(question):
            return None
        call.scope["client"], call.scope["state"] = line.client, line.app_state
        return self._kept_reply(call, question)

    def keep_request(self, raw: bytes, kept: KeptReply) -> None:
        """Have `again` answer a request that `at_once` has answered.

        Args:
            raw: All its bytes.
            kept: What it was answered.
        """
        self._repeats.keep(raw, kept.call, kept.question)

    def _page(self, call: Call) -> Reply | None:
        """Answer a browser with the IDE of the version that its address names."""
        path = call.scope["path"]
        if self._ide is None or path not in self.addresses or is_dry_run(call.scope):
            return None
        if not self._ide.is_wanted(call):
            return None
        version = call.visit.version = self.reader.named(path)
        return self._ide.reply(call, version)

    def _kept_reply(self, call: Call, question: Question) -> KeptReply | None:
        found = self._find(call, question)
        if found is None:
            return None
        ready, coding = found
        # A key may have to be looked up.
        known = b"authorization" not in call.fields
        told = call.state["meter"].told_at_once(call.scope) if known else None
        reply = ready.at_once(
            (question.media_type, coding, _freshness(call, question, ready)),
            call.fields.get(b"if-none-match"),
        )
        if told is None or reply is None:
            return None
        if question.counters:
            call.state["tally"].count(question.counters)
        return KeptReply(call, question, reply, told, ready.notes)

    async def _repeated(self, call: Call) -> Reply | None:
        """Answer a request that came before, byte for byte, if its answer is kept."""
        if not self._kept.on or is_dry_run(call.scope):
            return None
        await self.reader.take_body(call)
        question = call.question = self._known(call)
        if question is None:
            return None
        try:
            found = self._find(call, question)
        except ConnectionError:
            return None
        if found is None:
            return None
        ready, coding = found
        account = await call.state["meter"].look(call.scope)
        if account is None:
            return None
        call.visit.account, call.visit.releases = account, [*ready.notes.releases]
        self._note_again(call, question)
        return await self._sendable(call, question, ready, coding)

    def _known(self, call: Call) -> Question | None:
        """Return what the same bytes asked before, if that is still kept."""
        raw = call.raw()
        question = None if raw is None else self._questions.get(raw)
        if raw is None or question is None:
            return None
        if not self._is_named_still(question):
            self._questions.drop(raw)
            return None
        return question

    def _is_named_still(self, question: Question) -> bool:
        """Tell whether the name of the document is known; else its client has to send it again."""
        return question.named is None or self.reader.persisted.touch(question.named)

    def _find(self, call: Call, question: Question) -> tuple[Ready, Coding] | None:
        """Return the kept answer to a question, and the coding that its client takes.

        Raises:
            ConnectionError: The database has been away too long.
        """
        ready = self._kept.get(newest_catalogue(call).fingerprint, question.key)
        coding = None if ready is None else _coding(call, ready)
        return None if ready is None or coding is None else (ready, coding)

    async def _fresh(self, call: Call) -> Reply:
        """Answer a request that has to be understood, or executed, or refused."""
        accepted = accepted_type(call)
        answers = Answers(accepted or MediaType.JSON, call.method, call.visit)
        try:
            account = await open_account(call)
            require_coding(call)
            return await self._answer(call, account, answers, require_acceptable(accepted))
        except ClientDisconnect:
            raise
        except RefusalError as refusal:
            reply = answers.refused(refusal)
        except Exception as error:  # noqa: BLE001 - it is logged and masked
            reply = answers.failed(error)
        return reply

    async def _answer(
        self, call: Call, account: Account, answers: Answers, media_type: MediaType
    ) -> Reply:
        question = call.question
        document = None if question is None else question.tree()
        request = None
        if question is None or document is None:
            request = await self.reader.request(call)
        async with Departure(call.scope, call.receive) as departure:
            if request is not None:
                question, document, cost = await self.reader.question(
                    call, request, media_type, account
                )
                if is_dry_run(call.scope):
                    known = call.field(b"if-none-match")
                    return answers.priced(cost, self._limits, known)
                check_cost(cost, self._limits)
                if request.parameters.query is None or not request.parameters.document_hash:
                    self._keep_question(call, question)
            elif question is not None:
                self._note_again(call, question)
            assert question is not None and document is not None  # noqa: PT018, S101 - for mypy
            asked = Asked(call, question, document, account, answers)
            outcome = await self._outcomes.of(asked, departure)
        return await self._reply(call, question, outcome, answers)

    def _keep_question(self, call: Call, question: Question) -> None:
        raw = call.raw() if self._kept.on else None
        if raw is not None:
            self._questions.keep(raw, question)

    def _note_again(self, call: Call, question: Question) -> None:
        question.note(call.visit)
        if question.counters:
            call.state["tally"].count(question.counters)

    async def _reply(
        self,
        call: Call,
        question: Question,
        outcome: Outcome,
        answers: Answers,
    ) -> Reply:
        call.visit.releases = outcome.releases
        if outcome.ready is not None:
            coding = _coding(call, outcome.ready) or Coding.IDENTITY
            return await self._sendable(call, question, outcome.ready, coding)
        if outcome.result is not None:
            return answers.completed(outcome.result)
        if isinstance(outcome.error, RefusalError):
            return answers.refused(outcome.error)
        return answers.failed(outcome.error or LookupError("no outcome"))

    async def _sendable(
        self, call: Call, question: Question, ready: Ready, coding: Coding
    ) -> Reply:
        """Return an answer in the form that its client wants."""
        known = coding in ready.codings or coding is Coding.IDENTITY
        form = (question.media_type, coding, _freshness(call, question, ready))
        reply = await ready.reply(form, call.fields.get(b"if-none-match"))
        if not known:
            self._kept.weigh(question.key, ready)
        return reply


def _freshness(call: Call, question: Question, ready: Ready) -> Freshness | None:
    """Return how long others may keep the answer; ``None`` if its method is not for that."""
    if call.method not in SAFE:
        return None
    return Freshness.PINNED if ready.pinned and question.fixed else Freshness.CURRENT


async def _nothing() -> Message:
    """Receive nothing: all has arrived."""
    return {"type": "http.disconnect"}


def require_coding(call: Call) -> None:
    """Refuse a request whose client takes no content coding of ours.

    Raises:
        RefusalError: NOT_ACCEPTABLE.
    """
    if not accepted_codings(call.fields.get(b"accept-encoding")):
        raise RefusalError(
            Code.NOT_ACCEPTABLE, f"Accept one of the content codings {', '.join(Coding)}."
        )


def _coding(call: Call, ready: Ready) -> Coding | None:
    accepted = accepted_codings(call.fields.get(b"accept-encoding"))
    return chosen_coding(accepted, len(ready.body))


async def open_account(call: Call) -> Account:
    """Return what the request is charged to.

    Raises:
        RefusalError: RATE_LIMITED or INVALID_KEY.
    """
    account: Account
    account, refusal = await call.state["meter"].open(call.scope)
    call.visit.account = account
    if refusal is not None:
        raise refusal
    return account
