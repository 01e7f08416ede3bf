"""What of answers can be compared: examples show other numbers, and each request has its own id."""

from typing import Any

import httpx

_OWN_FIELDS = ("request-id", "date")


def same_form(shown: Any, answer: Any) -> bool:
    """Compare names and types; null is a value of any type, and one item stands for a list."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        return list(shown) == list(answer) and all(
            same_form(shown[name], answer[name]) for name in shown
        )
    if isinstance(shown, list) and isinstance(answer, list):
        return not (shown and answer) or same_form(shown[0], answer[0])
    return None in (shown, answer) or type(shown) is type(answer)


def fields_of(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return the header fields of an answer, but for those that are the request's own."""
    return [field for field in answer.headers.items() if field[0] not in _OWN_FIELDS]
