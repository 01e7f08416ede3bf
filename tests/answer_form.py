"""Compares answers by form: examples show the demonstration's numbers, tests meet other units."""

from typing import Any


def same_form(shown: Any, answer: Any) -> bool:
    """Compare names and types; null is a value of any type, and one item stands for a list."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        return list(shown) == list(answer) and all(
            same_form(shown[name], answer[name]) for name in shown
        )
    if isinstance(shown, list) and isinstance(answer, list):
        return not (shown and answer) or same_form(shown[0], answer[0])
    return None in (shown, answer) or type(shown) is type(answer)
