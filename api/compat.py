"""Whether a document will survive: checked against every version of the schema that is served."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import strawberry
from graphql import DocumentNode, OperationDefinitionNode

from api.documents import Documents
from api.faults import Fault
from api.guidance import notices_of_all
from api.refusal import RefusalError
from schema.limits import LIMITS, Limits
from schema.uses import MAX_USES, Guide, Use
from schema.versions import Versions


@dataclass(frozen=True)
class Verdict:
    """What one version says of a document.

    Attributes:
        version: Name of the version.
        status: Where it stands, in capitals.
        errors: Why the document is invalid there, with places; empty if it is valid.
        uses: What it uses that goes; only known where it is valid.
    """

    version: str
    status: str
    errors: Sequence[Mapping[str, object]]
    uses: Sequence[Use]

    @property
    def valid(self) -> bool:
        """Whether the version would execute the document."""
        return not self.errors


@dataclass(frozen=True)
class Report:
    """The verdicts of all versions on one document, the oldest version first."""

    name: str
    verdicts: Sequence[Verdict]

    @property
    def lasts(self) -> bool:
        """Whether the document is valid in the newest version."""
        return self.verdicts[-1].valid

    def replacements(self, verdict: Verdict) -> list[Use]:
        """Return what a version no longer has of what the document uses, and its replacement.

        It follows from the newest version before it in which the document is valid.
        """
        if verdict.valid:
            return []
        before = [each for each in self.verdicts if each.version < verdict.version and each.valid]
        uses = before[-1].uses if before else ()
        return [
            use
            for use in uses
            if use.notice.removed_in is not None and use.notice.removed_in <= verdict.version
        ]

    def as_json(self) -> dict[str, object]:
        """Return the report as clients read it."""
        return {
            "name": self.name,
            "validInNewest": self.lasts,
            "versions": [
                {
                    "version": verdict.version,
                    "status": verdict.status,
                    "valid": verdict.valid,
                    "errors": list(verdict.errors),
                    "deprecations": [use.as_json() for use in verdict.uses[:MAX_USES]],
                    "replacements": [
                        use.as_json() for use in self.replacements(verdict)[:MAX_USES]
                    ],
                }
                for verdict in self.verdicts
            ],
        }


class Compat:
    """Checks documents against the schemas of all versions; nothing is executed or kept."""

    def __init__(
        self,
        schemas: Mapping[str, strawberry.Schema],
        versions: Versions,
        limits: Limits = LIMITS,
    ) -> None:
        self._checks = [
            _Check(name, versions, schemas[name], Guide(schemas[name]._schema, going), limits)  # noqa: SLF001 - no other way
            for name, going in sorted(notices_of_all(schemas).items())
        ]

    @property
    def versions(self) -> list[str]:
        """The names of the versions, oldest first."""
        return [check.version for check in self._checks]

    def verdicts(self, text: str) -> Iterator[Verdict]:
        """Yield the verdict of each version, oldest first; each step takes one validation."""
        return (check.verdict(text) for check in self._checks)

    def report(self, name: str, text: str) -> Report:
        """Return the verdicts of all versions on the document ``text``."""
        return Report(name, list(self.verdicts(text)))


class _Check:
    """One version."""

    def __init__(
        self,
        version: str,
        versions: Versions,
        schema: strawberry.Schema,
        guide: Guide,
        limits: Limits,
    ) -> None:
        listed = versions.get(version)
        self.version = version
        self._status = listed.status.name if listed else "UNKNOWN"
        self._documents = Documents(schema._schema, limits)  # noqa: SLF001 - no other way
        self._guide = guide

    def verdict(self, text: str) -> Verdict:
        try:
            document = self._documents.examine(text)
        except RefusalError as refusal:
            errors = [Fault(error).as_json("") for error in refusal.errors]
            return Verdict(self.version, self._status, errors, ())
        return Verdict(self.version, self._status, (), self._uses(document))

    def _uses(self, document: DocumentNode) -> list[Use]:
        found: dict[Use, None] = {}
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                found.update(dict.fromkeys(self._guide.uses_in(document, operation)))
        return list(found)
