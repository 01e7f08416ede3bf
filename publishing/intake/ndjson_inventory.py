"""Reads an inventory in NDJSON as a stream: one JSON object a line, nested as in the XML."""

import datetime as dt
import json
from collections.abc import Callable

from publishing.intake import shape
from publishing.intake.entry import Entry
from publishing.intake.envelope import Attributes
from publishing.intake.faults import Code, Finding, shown
from publishing.intake.inventory import (
    INVENTORY,
    MAXIMUM_NAME,
    MAXIMUM_NAMES,
    MAXIMUM_PART_FAULTS,
    MAXIMUM_TEXT,
    OUTER_NAMES,
    WHITE,
)
from publishing.intake.line_reader import LineReader


class _Members(tuple[tuple[str, object], ...]):
    """The members of a JSON object in their order, also those that stand twice."""

    __slots__ = ()


# Numbers stay the text that the bank wrote, so that they are judged as those of the other formats.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_Members, parse_int=str, parse_float=str, parse_constant=str
)


class NdjsonReader(LineReader):
    """Reads one file."""

    def __init__(self, now: dt.datetime, take: Callable[[Entry], None]) -> None:
        super().__init__(now, take)
        self._is_open = False
        self._unknown: set[str] = set()

    def _read(self, text: str) -> None:
        if not text.strip():
            return
        members = self._members(text)
        is_first, self._is_open = not self._is_open, True
        if is_first and [name for name, _ in members] == [INVENTORY]:
            self._open_envelope(members[0][1])
            return
        if is_first:
            self.envelope.open_lines(Attributes(line=self._lines.number))
        self._units += 1
        entry = Entry(self._lines.number)
        self._fill(entry, shape.UNIT, members)
        self._take(entry)

    def _members(self, text: str) -> _Members:
        try:
            value = _DECODER.decode(text)
        except json.JSONDecodeError as error:
            message = (
                f"The line is broken at column {error.colno} ({error.msg}): each line must hold "
                "one whole JSON object."
            )
            self._fail(Code.JSON_SYNTAX, message)
        except RecursionError:
            self._fail(Code.NESTING_TOO_DEEP, "The objects of the line are nested too deeply.")
        if not isinstance(value, _Members):
            self._fail(Code.JSON_SYNTAX, "Each line must hold one JSON object, a unit.")
        return value

    def _open_envelope(self, value: object) -> None:
        line = self._lines.number
        if not isinstance(value, _Members):
            self._fail(Code.JSON_SYNTAX, f"{INVENTORY} must be an object of attributes.", INVENTORY)
        attributes = Attributes(line=line)
        for name, content in value:
            text = _text(content)
            if text is None:
                message = f"The attribute {shown(name)} must be a text, number or truth value."
                self.faults.add(Finding(Code.ATTRIBUTE_INVALID, message, line, shown(name)))
            else:
                self.envelope.collect(attributes, name, text.strip(), line)
        self.envelope.open_lines(attributes)

    def _fill(self, entry: Entry, node: shape.Node, members: _Members) -> None:
        for name, value in members:
            child = node.children.get(name)
            if child is None:
                self._pass_over(node, name)
            elif child.path in entry.lines:
                message = f"{child.path} must stand once in a unit."
                _refuse(entry, Code.REPEATED, message, child.path)
            elif value is not None:
                entry.lines[child.path] = entry.line
                self._fill_part(entry, child, value)

    def _fill_part(self, entry: Entry, node: shape.Node, value: object) -> None:
        if node.is_dropped:
            return
        text = _text(value)
        if not node.is_value:
            if isinstance(value, _Members):
                self._fill(entry, node, value)
            else:
                message = f"{node.path} must be an object."
                _refuse(entry, Code.STRAY_TEXT, message, node.path)
        elif text is None:
            message = f"{node.path} must hold a text, number or truth value."
            _refuse(entry, Code.NESTED_ELEMENT, message, node.path)
        elif text := text.strip(WHITE):
            if len(text) > MAXIMUM_TEXT:
                self._refuse_length(node.path)
            entry.texts[node.path] = text

    def _pass_over(self, node: shape.Node, name: str) -> None:
        if name.upper() in OUTER_NAMES:  # else a unit, or the mode of the file, would be lost
            message = (
                f"{shown(name)} does not belong here: {INVENTORY} stands alone on the first "
                "line, and each line after it is a unit."
            )
            self._fail(Code.ELEMENT_MISPLACED, message, name)
        path = f"{node.path}/{name}" if node.path else name
        if path not in self._unknown:
            self._note_unknown(path)

    def _note_unknown(self, path: str) -> None:
        if len(path) > MAXIMUM_NAME:
            message = f"A name must not have more than {MAXIMUM_NAME} characters."
            self._fail(Code.TEXT_TOO_LONG, message, path)
        self._unknown.add(path)
        if len(self._unknown) > MAXIMUM_NAMES:
            message = (
                f"The file has more than {MAXIMUM_NAMES:,} different names that the format does "
                "not know; this is no inventory."
            )
            self._fail(Code.ELEMENT_MISPLACED, message)
        message = f"{shown(path)} is not part of the format; it is dropped."
        finding = Finding(Code.ELEMENT_UNKNOWN, message, self._lines.number, shown(path))
        self.warnings.add(finding)


def _text(value: object) -> str | None:
    """Return a text, number or truth value as XML would write it; ``None`` for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


def _refuse(entry: Entry, code: Code, message: str, path: str) -> None:
    if len(entry.findings) < MAXIMUM_PART_FAULTS:
        entry.findings.append(Finding(code, message, entry.line, path))
