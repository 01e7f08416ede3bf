"""Reads an inventory XML as a stream: bytes go in, units come out as entries.

Memory stays the same however long the file is: nothing is kept but the unit being read.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import NoReturn
from xml.parsers import expat

from publishing.intake import shape
from publishing.intake.entry import Entry
from publishing.intake.envelope import Attributes, Envelope
from publishing.intake.faults import Code, FileFaultError, Finding, shown
from publishing.intake.syntax import check_encoding, syntax_fault

ROOT, INVENTORY, UNIT, DONOR = "INVENTORIES", "INVENTORY", "CBU", "DONOR"
OUTER_NAMES = frozenset({ROOT, INVENTORY, UNIT, DONOR})
"""The elements around and beside the parts of a unit."""

MAXIMUM_DEPTH = 8
"""The deepest element of the format: INVENTORIES/INVENTORY/CBU/MAT/HLA/A/DNA/FIELD1."""

MAXIMUM_TEXT = 1024
"""Characters that an element may hold; the longest value of the format has 20."""

MAXIMUM_TOKEN = 1_048_576
"""Bytes of a tag or comment, and of text that did not end yet, which have to be held at once."""

MAXIMUM_NAMES = 1000
"""Different names of elements and attributes in a file; the format has some 150."""

MAXIMUM_NAME = 100
"""Characters of the name of an element or attribute; the parser keeps each name to the end."""

MAXIMUM_PART_FAULTS = 200
"""Elements of one unit that are reported as out of place."""

WHITE = " \t\r\n"
"""What does not count around a value."""


class InventoryReader:
    """Reads one file.

    Args:
        now: The time of intake, with a zone.
        take: Called with each unit at its end.

    Attributes:
        envelope: What the attributes say so far.
        faults: Faults that belong to no unit.
        warnings: Warnings that belong to no unit.
        donors: ``DONOR`` elements that were passed over.
    """

    def __init__(self, now: dt.datetime, take: Callable[[Entry], None]) -> None:
        self.envelope = Envelope(now)
        self.faults = self.envelope.faults
        self.warnings = self.envelope.warnings
        self.donors = 0
        self._take = take
        self._outer = 0  # depth of the open element outside units
        self._node: shape.Node | None = None  # the open element inside a unit
        self._skipped = 0  # open elements that are passed over, below the open one
        self._entry = Entry(0)
        self._noted: set[tuple[Code, str]] = set()
        self._chunks: list[str] = []
        self._fed = 0
        self._parser = self._new_parser()

    def feed(self, data: bytes) -> None:
        """Read the next bytes of the file.

        Raises:
            FileFaultError: The file cannot be read on.
        """
        self._parse(data, is_last=False)
        self._fed += len(data)
        if self._fed - self._parser.CurrentByteIndex > MAXIMUM_TOKEN:
            self._fail(
                Code.TEXT_TOO_LONG, f"A tag or comment must not exceed {MAXIMUM_TOKEN:,} bytes."
            )
        if sum(map(len, self._chunks)) > MAXIMUM_TOKEN:
            self._refuse_text()
        if len(self._parser.intern) > MAXIMUM_NAMES:
            self._fail(
                Code.ELEMENT_MISPLACED,
                f"The file has more than {MAXIMUM_NAMES:,} different names of elements; "
                "this is no inventory.",
            )

    def close(self) -> None:
        """Read the end of the file.

        Raises:
            FileFaultError: The file ends too early.
        """
        self._parse(b"", is_last=True)

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 65_536
        parser.XmlDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._chunks.append
        return parser

    def _parse(self, data: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(data, is_last)
        except expat.ExpatError as error:
            start = self._parser.ErrorByteIndex - self._fed
            raise FileFaultError(syntax_fault(error, data[start:] if start >= 0 else b"")) from None

    # The next two run for each of some 50 elements of each unit.

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        chunks = self._chunks
        if chunks:
            if len(chunks) > 1 or not chunks[0].isspace():
                self._end_text_between_elements()
            chunks.clear()
        if attributes or len(name) > MAXIMUM_NAME:
            self._check_names(name, *attributes)
        node = self._node
        if self._skipped:
            self._skip_part(name)
        elif node is None:
            self._start_outer(name.rpartition(":")[2], attributes)
        else:
            child = node.children.get(name)
            lines = self._entry.lines
            if child is None or child.is_dropped or child.path in lines:
                self._start_unusual(node, name)
            else:
                lines[child.path] = self._parser.CurrentLineNumber
                self._node = child

    def _end(self, _name: str) -> None:
        chunks = self._chunks
        node = self._node
        if self._skipped:
            self._skipped -= 1
            chunks.clear()
        elif node is not None and node.is_value:
            text = "".join(chunks).strip(WHITE)
            chunks.clear()
            if 0 < len(text) <= MAXIMUM_TEXT:
                self._entry.texts[node.path] = text
            else:
                self._end_unusual(node, text)
            self._node = node.parent
        else:
            if chunks:
                if len(chunks) > 1 or not chunks[0].isspace():
                    self._end_text_between_elements()
                chunks.clear()
            self._end_group(node)

    def _start_unusual(self, node: shape.Node, name: str) -> None:
        name = name.rpartition(":")[2]
        child = node.children.get(name)
        if child is None:
            self._check_place(name)
            self._skip()
            self._start_unknown(node, name)
        elif child.path in self._entry.lines:
            self._skip()
            first = self._entry.lines[child.path]
            message = f"{child.path} must stand once in a unit; it stands on line {first} already."
            self._refuse_part(Code.REPEATED, message, child.path)
        else:
            self._entry.lines[child.path] = self._parser.CurrentLineNumber
            if child.is_dropped:
                self._skip()
            else:
                self._node = child

    def _start_unknown(self, node: shape.Node, name: str) -> None:
        if node.is_value:
            message = f"{node.path} must hold text, not elements."
            self._refuse_part(Code.NESTED_ELEMENT, message, node.path)
        else:
            path = f"{node.path}/{name}" if node.path else name
            self._note_unknown(path)

    def _end_unusual(self, node: shape.Node, text: str) -> None:
        if text:
            self._refuse_text()
        if not node.path.startswith("HLA/"):
            message = f"{node.path} is empty; it is taken as absent."
            self._note(Code.ELEMENT_EMPTY, node.path, message)

    def _end_group(self, node: shape.Node | None) -> None:
        if node is None:
            self._outer -= 1
            return
        self._node = node.parent
        if node is shape.UNIT:
            self._take(self._entry)

    def _start_outer(self, name: str, attributes: Mapping[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        place = (self._outer + 1, name)
        if place == (shape.UNIT_DEPTH, UNIT):
            self._entry = Entry(line)
            self._node = shape.UNIT
        elif place == (shape.UNIT_DEPTH, DONOR):
            self._skip_donor()
        elif self._outer == 0 or place == (2, INVENTORY):
            self._outer += 1
            self._open_envelope(name, attributes, line)
        else:
            self._start_stranger(name)

    def _open_envelope(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        if self._outer > 1:
            self.envelope.open_inventory(Attributes(attributes, line))
        elif name == ROOT:
            self.envelope.open_file(Attributes(attributes, line))
        else:
            message = f"The outermost element must be {ROOT}, not {shown(name)}."
            self._fail(Code.ROOT_WRONG, message, name)

    def _skip_donor(self) -> None:
        self._skip()
        self.donors += 1
        self._note(
            Code.DONOR_SKIPPED, DONOR, "Donors are not taken; they are passed over and counted."
        )

    def _start_stranger(self, name: str) -> None:
        self._check_place(name)
        self._skip()
        self._note_unknown(name)

    def _skip_part(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name.upper() == UNIT:  # else a unit would be lost without a word
            self._check_place(name)
        self._skip()

    def _check_place(self, name: str) -> None:
        if name.upper() in OUTER_NAMES:
            self._fail(
                Code.ELEMENT_MISPLACED,
                f"{shown(name)} does not belong here: units stand in "
                f"{ROOT}/{INVENTORY}/{UNIT}, in capitals.",
                name,
            )

    def _check_names(self, *names: str) -> None:
        for name in names:
            if len(name) > MAXIMUM_NAME:
                self._fail(
                    Code.XML_SYNTAX,
                    f"A name must not have more than {MAXIMUM_NAME} characters.",
                    name,
                )

    def _skip(self) -> None:
        self._skipped += 1
        depth = self._node.depth if self._node else self._outer
        if depth + self._skipped > MAXIMUM_DEPTH:
            self._fail(
                Code.NESTING_TOO_DEEP,
                f"Elements must not be nested deeper than {MAXIMUM_DEPTH} levels.",
            )

    def _end_text_between_elements(self) -> None:
        if self._skipped or "".join(self._chunks).isspace():
            return
        node = self._node
        message = "Text must not stand between elements."
        if node is None:
            self._fail(Code.STRAY_TEXT, message)
        if not node.is_value:  # else the element that follows is the fault
            self._refuse_part(Code.STRAY_TEXT, message, node.path or UNIT)

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        check_encoding(encoding)

    def _refuse_doctype(self, *_declaration: object) -> None:
        self._fail(
            Code.DOCTYPE_FORBIDDEN,
            "A document type or entity declaration (<!DOCTYPE ...>) is not accepted; "
            "remove it from the file.",
        )

    def _refuse_text(self) -> NoReturn:
        message = f"An element must not hold more than {MAXIMUM_TEXT:,} characters of text."
        self._fail(Code.TEXT_TOO_LONG, message)

    def _refuse_part(self, code: Code, message: str, path: str) -> None:
        if len(self._entry.findings) < MAXIMUM_PART_FAULTS:
            finding = Finding(code, message, self._parser.CurrentLineNumber, path)
            self._entry.findings.append(finding)

    def _note_unknown(self, path: str) -> None:
        message = f"{shown(path)} is not part of the format; it is dropped."
        self._note(Code.ELEMENT_UNKNOWN, path, message)

    def _note(self, code: Code, path: str, message: str) -> None:
        if (code, path) not in self._noted:
            self._noted.add((code, path))
            line = self._parser.CurrentLineNumber
            self.warnings.add(Finding(code, message, line, shown(path)))

    def _fail(self, code: Code, message: str, field: str | None = None) -> NoReturn:
        line = self._parser.CurrentLineNumber
        raise FileFaultError(Finding(code, message, line, field and shown(field)))
