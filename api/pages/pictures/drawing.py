"""Draws pictures, in a process of its own: the renderer would hold up everybody else's answers.

``python -m api.pages.pictures.drawing`` reads a list of orders and writes their SVG, both as JSON.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

import altair as alt
import vl_convert

_FONT = "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Noto Sans CJK SC', sans-serif"
_SIZE = 12
_WIDTH = 330
_BAR = 42
_PADDING = 4
_LABEL = 250
_CELL = 44
_COLUMNS = 200
_MOST_LABELLED = 8
_WORDS_IN_LINES = "test(/^[<≥0-9]/, datum.label) ? datum.label : split(datum.label, ' ')"
_THEMES: Mapping[str, Mapping[str, Any]] = {
    "light": {"ground": "#ffffff", "ink": "#1b2422", "quiet": "#55615e", "mark": "#0e6f6b",
              "pale": "#8cc4bf", "low": "#e3f1ef", "high": "#0e6f6b", "on_high": "#ffffff",
              "turn": 0.75},
    "dark": {"ground": "#18201e", "ink": "#e6ecea", "quiet": "#a3b1ad", "mark": "#6fd3ca",
             "pale": "#3c7d77", "low": "#22332f", "high": "#6fd3ca", "on_high": "#07211f",
             "turn": 0.45},
}  # fmt: skip

Order = Mapping[str, Any]
"""``kind``, ``theme``, ``rows`` (labels and units), ``labels`` of each dimension in order,
``titles`` of the axes, and ``description``."""


def drawn(order: Order) -> str:
    """Return a picture as SVG, which holds neither scripts nor styles."""
    chart = {"bars": _bars, "columns": _columns, "heat": _heat, "stack": _stack}[order["kind"]](
        order
    )
    spec = chart.configure(**_look(_THEMES[order["theme"]])).to_dict()
    svg: str = vl_convert.vegalite_to_svg(spec)
    return svg


def _bars(order: Order) -> alt.LayerChart:
    """Return thin bars that lie, each below its label and its number.

    Labels have a line of their own, since nobody knows how wide the reader's letters are.
    """
    colours = _THEMES[order["theme"]]
    y = alt.Y("a:N", sort=None, axis=None)
    base = alt.Chart(_data(order)).encode(y=y)
    track = base.mark_bar(height=7, yOffset=10, cornerRadius=3, fill=colours["low"]).encode(
        x=alt.value(0), x2=alt.value(_WIDTH - 2 * _PADDING)
    )
    scale = alt.Scale(domain=[0, max(1, *(row["units"] for row in order["rows"]))])
    bars = base.mark_bar(height=7, yOffset=10, cornerRadius=3).encode(
        x=alt.X("units:Q", axis=None, scale=scale)
    )
    labels = base.mark_text(align="left", dy=-5, limit=_LABEL).encode(x=alt.value(0), text="a:N")
    numbers = base.mark_text(align="right", dy=-5).encode(
        x=alt.value(_WIDTH - 2 * _PADDING), text=alt.Text("units:Q", format=",")
    )
    return _sized(track + bars + labels + numbers, order, height=alt.Step(_BAR))


def _stack(order: Order) -> alt.LayerChart:
    """Return bars that lie, in two parts, each below its label and its two sums."""
    colours = _THEMES[order["theme"]]
    first, second = order["labels"][1]
    sums: dict[str, list[int]] = {}
    for row in order["rows"]:
        known = sums.setdefault(row["labels"][0], [])
        known.append(row["units"] + sum(known[-1:]))
    most = max(1, *(each[-1] for each in sums.values()))
    y = alt.Y("a:N", sort=None, axis=None)
    base = alt.Chart(_data(order)).encode(y=y)
    words = [{"a": a, "shown": "  –  ".join(f"{n:,}" for n in each)} for a, each in sums.items()]  # noqa: RUF001 - a range
    once = alt.Chart(alt.InlineData(values=words)).encode(y=y)
    track = once.mark_bar(height=7, yOffset=10, cornerRadius=3, fill=colours["low"]).encode(
        x=alt.value(0), x2=alt.value(_WIDTH - 2 * _PADDING)
    )
    bars = base.mark_bar(height=7, yOffset=10).encode(
        x=alt.X("units:Q", axis=None, stack="zero", scale=alt.Scale(domain=[0, most])),
        fill=alt.Fill(
            "b:N",
            legend=None,
            scale=alt.Scale(domain=[first, second], range=[colours["mark"], colours["pale"]]),
        ),
        order=alt.Order("order:Q"),
    )
    labels = once.mark_text(align="left", dy=-5).encode(x=alt.value(0), text="a:N")
    numbers = once.mark_text(align="right", dy=-5).encode(
        x=alt.value(_WIDTH - 2 * _PADDING), text="shown:N"
    )
    return _sized(track + bars + labels + numbers, order, height=alt.Step(_BAR))


def _columns(order: Order) -> alt.LayerChart:
    """Return bars that stand, each with its number above it where there is room."""
    data = _data(order)
    base = alt.Chart(data).encode(
        x=alt.X("a:N", sort=None, title=order["titles"][0], axis=alt.Axis(labelAngle=0)),
        y=alt.Y("units:Q", axis=None),
    )
    chart = base.mark_bar(cornerRadiusEnd=3, width={"band": 0.6})
    if len(order["rows"]) <= _MOST_LABELLED:
        text = base.mark_text(baseline="bottom", dy=-4).encode(text=alt.Text("units:Q", format=","))
        return _sized(chart + text, order, height=_COLUMNS)
    return _sized(alt.layer(chart), order, height=_COLUMNS)


def _heat(order: Order) -> alt.LayerChart:
    """Return a map of two dimensions with the number in each field."""
    colours = _THEMES[order["theme"]]
    data = _data(order)
    most = max(row["units"] for row in order["rows"])
    axis = alt.Axis(labelAngle=0, labelExpr=_WORDS_IN_LINES)
    base = alt.Chart(data).encode(
        x=alt.X("b:N", sort=order["labels"][1], title=order["titles"][1], axis=axis),
        y=alt.Y("a:N", sort=order["labels"][0][::-1], title=order["titles"][0], axis=axis),
    )
    scale = alt.Scale(domain=[0, most], range=[colours["low"], colours["high"]])
    fields = base.mark_rect(stroke=colours["ground"], strokeWidth=2, cornerRadius=3).encode(
        color=alt.Color("units:Q", scale=scale, legend=None)
    )
    numbers = base.mark_text().encode(
        text=alt.Text("units:Q", format=","),
        color=alt.condition(
            alt.datum.units > most * float(colours["turn"]),
            alt.value(colours["on_high"]),
            alt.value(colours["ink"]),
        ),
    )
    return _sized(fields + numbers, order, height=alt.Step(_CELL))


def _data(order: Order) -> alt.InlineData:
    return alt.InlineData(
        values=[
            {"a": row["labels"][0], "b": row["labels"][-1], "units": row["units"], "order": n}
            for n, row in enumerate(order["rows"])
        ]
    )


def _sized(chart: Any, order: Order, height: object) -> alt.LayerChart:  # noqa: ANN401 - sums of charts have no closer type
    # What labels take is taken off the bars, so that all pictures are of one width.
    sized: alt.LayerChart = chart.properties(
        width=_WIDTH,
        height=height,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        description=order["description"],
    )
    return sized


def _look(colours: Mapping[str, Any]) -> dict[str, Any]:
    """Return the look of a theme."""
    return {
        "background": colours["ground"],
        "font": _FONT,
        "padding": _PADDING,
        "view": {"stroke": None},
        "bar": {"fill": colours["mark"]},
        "text": {"fill": colours["ink"], "fontSize": _SIZE, "font": _FONT},
        "axis": {
            "domain": False,
            "ticks": False,
            "grid": False,
            "labelColor": colours["ink"],
            "labelFontSize": _SIZE,
            "labelPadding": 6,
            "titleColor": colours["quiet"],
            "titleFontSize": _SIZE,
            "titleFontWeight": "normal",
            "titlePadding": 8,
        },
    }


def main() -> None:
    """Draw what standard input orders."""
    orders: list[Order] = json.load(sys.stdin)
    json.dump([drawn(order) for order in orders], sys.stdout)


if __name__ == "__main__":
    main()
