"""The limits that variables meet before they are coerced."""

from typing import Any

import pytest

from api.limits import check_variables
from api.refusal import RefusalError
from schema.errors import Code
from schema.limits import LIMITS


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels - 1):
        value = [value]
    return value


def _refused(variables: dict[str, Any]) -> tuple[Code, dict[str, Any]]:
    with pytest.raises(RefusalError) as refusal:
        check_variables(variables)
    (error,) = refusal.value.errors
    assert error.extensions is not None
    return refusal.value.code, error.extensions


def test_ordinary_variables_pass() -> None:
    """Each limit includes its maximum, and every JSON value is welcome."""
    check_variables({})
    check_variables({"a": None, "b": [1, 2.5, True], "c": {"d": "text 脐带血"}})
    check_variables({"a": _nested(LIMITS.max_variable_depth)})
    check_variables({"a": [1] * (LIMITS.max_variable_values - 1)})


def test_too_deep_variables_are_refused() -> None:
    """A nesting that no input type has is refused by its depth."""
    assert _refused({"a": _nested(11)}) == (
        Code.LIMIT_EXCEEDED,
        {"code": "LIMIT_EXCEEDED", "limit": "variable depth", "maximum": 10, "found": 11},
    )


def test_too_many_values_are_refused() -> None:
    """Values are counted through lists and objects."""
    assert _refused({"a": [{"b": 1}] * 500}) == (
        Code.LIMIT_EXCEEDED,
        {"code": "LIMIT_EXCEEDED", "limit": "variable values", "maximum": 1000, "found": 1001},
    )


@pytest.mark.parametrize("value", ["\0", ["x\0y"], {"b": ["\0"]}])
def test_the_character_nul_is_refused(value: object) -> None:
    """No string with a NUL reaches the database."""
    assert _refused({"a": value}) == (Code.VARIABLES_INVALID, {"code": "VARIABLES_INVALID"})
