"""A request that is refused before anything is executed."""

from collections.abc import Mapping, Sequence

from graphql import GraphQLError

from schema.errors import Code, ContractError


class RefusalError(Exception):
    """Ends a GraphQL request with errors and no data.

    Attributes:
        code: What kind of refusal it is; gives the status.
        errors: The errors of the answer, at least one.
        status: Status in place of the one that belongs to ``code``.
        headers: Further headers of the answer.
    """

    def __init__(
        self,
        code: Code,
        *errors: GraphQLError | str,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors: Sequence[GraphQLError] = [
            ContractError(code, error) if isinstance(error, str) else error for error in errors
        ]
        self.status = status
        self.headers = dict(headers or {})
        for error in self.errors:
            error.extensions = {"code": code.value, **(error.extensions or {})}
