"""Pictures as they are drawn: only shapes and words."""

import re
from typing import Any

import pytest

from api.pages.pictures.drawing import drawn
from api.pages.pictures.table import UNPUBLISHED, UNRECORDED, Row, Table

_BARS = [
    {"labels": ["北京市脐带血造血干细胞库"], "units": 54_321},
    {"labels": ["Shanghai & <Sons>"], "units": 121},
]
_HEAT = [
    {"labels": [row, column], "units": 1_000 * (n + 1)}
    for n, (row, column) in enumerate([("< 8", "≥ 3"), ("< 8", "< 3"), ("≥ 8", "not recorded")])
]
_ORDERS: list[dict[str, Any]] = [
    {"kind": "bars", "rows": _BARS, "labels": [[]], "titles": ["Bank"]},
    {"kind": "columns", "rows": _BARS, "labels": [[]], "titles": ["Release"]},
    {
        "kind": "heat",
        "rows": _HEAT,
        "labels": [["< 8", "≥ 8"], ["< 3", "≥ 3", "not recorded"]],
        "titles": ["TNC", "CD34+"],
    },
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("order", _ORDERS, ids=lambda order: order["kind"])
def test_a_picture_holds_shapes_and_words_only(order: dict[str, Any], theme: str) -> None:
    """No script, no style, no address; words stay words, whatever the language."""
    svg = drawn({**order, "theme": theme, "description": "What is shown"})
    assert svg.startswith("<svg ")
    assert not re.search(r"<(script|style|image|foreignObject|a)\b|\sstyle=|\son\w+=|href=", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    words = re.findall(r"<text[^>]*>(.*?)</text>", svg)
    for row in order["rows"]:
        assert f"{row['units']:,}" in words
    if order["rows"] is _BARS:
        assert {"北京市脐带血造血干细胞库", "Shanghai &amp; &lt;Sons&gt;"} <= set(words)
    assert re.search(r'<svg [^>]*width="330"', svg)


def test_bands_of_a_map_ascend_to_the_right_and_upwards() -> None:
    """Whatever the order of the rows; what was not recorded comes last."""
    svg = drawn({**_ORDERS[2], "theme": "light", "description": "x"})
    axis = re.findall(r"X-axis titled 'CD34\+' for a discrete scale with 3 values: ([^\"]+)\"", svg)
    assert axis == ["&lt; 3, ≥ 3, not recorded"]


def test_a_table_of_a_picture_is_csv() -> None:
    """Words that never change, exact numbers, and nothing that a spreadsheet would run."""
    table = Table(
        ("tnc", "who"),
        [
            Row(["[8,10)", "=cmd"], ["8–10", "x"], 12),  # noqa: RUF001 - a range
            Row([UNRECORDED, 'a"b,c'], ["not recorded", "y"], 1_234),
            Row(["[0,8)", "z"], ["< 8", "z"], 5),
            Row([UNPUBLISHED, "w"], ["not published", "w"], 7),
        ],
    )
    assert table.as_csv().decode() == (
        'tnc,who,units\r\n"[8,10)",\'=cmd,12\r\nunrecorded,"a""b,c",1234\r\n"[0,8)",z,5\r\n,w,7\r\n'
    )
    assert (table.total, table.most.units, table.least.units) == (1_258, 1_234, 5)
    assert table.labels(0) == ["< 8", "8–10", "not recorded", "not published"]  # noqa: RUF001
