"""The parameters of a GraphQL request, from a JSON body or from a URL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl

import orjson

from api.limits import check_variables
from api.persisted import named_hash
from api.refusal import RefusalError
from schema.errors import Code, quoted

_MOST_URL_PARAMETERS = 20
_NO_DOCUMENT = "Give the document as text in the parameter query."
_RELEASE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True)
class Parameters:
    """What is to be executed.

    Attributes:
        query: Text of the document; ``None`` if only its hash was given.
        operation_name: Which of its operations; ``None`` if it has one.
        variables: Values of the operation's variables, as they came.
        document_hash: SHA-256 by which the client names the document, or ``None``.
    """

    query: str | None
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    document_hash: str | None = None

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read the parameters from a JSON object.

        Raises:
            RefusalError: REQUEST_INVALID if it is none, or a member has the wrong type;
                LIMIT_EXCEEDED for the variables.
        """
        value = _json(body, "The body")
        if not isinstance(value, dict):
            raise _invalid("The body must be a JSON object with the member query.")
        return cls._checked(value)

    @classmethod
    def from_url(cls, parameters: Mapping[str, str]) -> Self:
        """Read the parameters from those of a URL; variables and extensions are JSON there.

        Raises:
            RefusalError: As `from_body`.
        """
        values: dict[str, Any] = dict(parameters)
        for name in ("variables", "extensions"):
            text = values.pop(name, "")
            if text:
                values[name] = _json(text.encode(), f"The parameter {name}")
        return cls._checked(values)

    @classmethod
    def _checked(cls, values: Mapping[str, Any]) -> Self:
        query = values.get("query")
        if not isinstance(query, str | None):
            raise _invalid(_NO_DOCUMENT)
        operation_name = values.get("operationName")
        if not isinstance(operation_name, str | None):
            raise _invalid("The parameter operationName must be text.")
        for name in ("variables", "extensions"):
            if not isinstance(values.get(name), dict | None):
                raise _invalid(f"The parameter {name} must be a JSON object.")
        document_hash = named_hash(values)
        if not query and not document_hash:
            raise _invalid(_NO_DOCUMENT)
        variables = values.get("variables") or {}
        check_variables(variables)
        return cls(query or None, operation_name or None, variables, document_hash)


def url_parameters(query_string: bytes) -> dict[str, str]:
    """Return the parameters of a URL, each of which may come once.

    Raises:
        RefusalError: REQUEST_INVALID for a repetition, too many of them, or bytes that are no
            UTF-8.
    """
    if not query_string:
        return {}
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_URL_PARAMETERS,
        )
    except UnicodeDecodeError:
        raise _invalid("The parameters of the URL are not percent-encoded UTF-8.") from None
    except ValueError:
        raise _invalid(f"A URL may have at most {_MOST_URL_PARAMETERS} parameters.") from None
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise _invalid("A parameter of the URL is given twice.")
    return parameters


def pinned_release(parameters: Mapping[str, str]) -> int | None:
    """Return the release that ``?release=N`` pins, or ``None``.

    Raises:
        RefusalError: INVALID_ARGUMENT if N is no number of a release.
    """
    text = parameters.get("release")
    if text is None:
        return None
    if not _RELEASE.fullmatch(text):
        raise RefusalError(
            Code.INVALID_ARGUMENT,
            f"The parameter release must be the number of a release, not {quoted(text)}.",
        )
    return int(text)


def deprecated_removed(parameters: Mapping[str, str]) -> bool:
    """Return whether ``?remove_deprecated=true`` asks for the schema without what goes.

    Raises:
        RefusalError: INVALID_ARGUMENT if the value is neither true nor false.
    """
    text = parameters.get("remove_deprecated", "false")
    if text not in ("true", "false"):
        raise RefusalError(
            Code.INVALID_ARGUMENT,
            f"The parameter remove_deprecated must be true or false, not {quoted(text)}.",
        )
    return text == "true"


def _json(text: bytes, what: str) -> object:
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _invalid(f"{what} is not JSON: {error.msg}.") from None
    return value


def _invalid(message: str) -> RefusalError:
    return RefusalError(Code.REQUEST_INVALID, message)
