"""The blocks of code in the README and the guides, with what is shown to come of them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_SHELL = ("sh", "console")
_RUN = (*_SHELL, "python", "js")
_SHOWN = ("json", "text")


@dataclass(frozen=True)
class GuideBlock:
    """A block that a reader may run.

    Attributes:
        name: Page and place in the page, for instance ``docs/http.md 1``: the first that is run.
        language: ``sh``, ``console`` (with prompts), ``python`` or ``js``.
        text: The block.
        shown: The JSON or text that follows it, or ``None``.
    """

    name: str
    language: str
    text: str
    shown: str | None

    def command_lines(self) -> Iterator[list[str]]:
        """Yield the words of each command of a shell block, without comments.

        Where lines have prompts, those without one show what is printed.
        """
        if self.language not in _SHELL:
            return
        lines = self.text.replace("\\\n", " ").splitlines()
        prompted = [line for line in lines if line.startswith("$ ")]
        for line in _whole([line.removeprefix("$ ") for line in prompted or lines]):
            for command in line.split(" && "):
                words = shlex.split(command, comments=True)
                if words:
                    yield words


def _whole(lines: list[str]) -> Iterator[str]:
    """Yield commands; what is quoted may go over several lines."""
    begun = ""
    for line in lines:
        begun = f"{begun} {line}".strip()
        try:
            shlex.split(begun, comments=True)
        except ValueError:
            continue
        yield begun
        begun = ""


def guide_blocks() -> list[GuideBlock]:
    """Return all blocks of the README and of the guides, in order."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [block for page in pages for block in _of_page(page)]


def _of_page(page: Path) -> Iterator[GuideBlock]:
    text = page.read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(text))
    number = 0
    for block, following in pairwise([*found, None]):
        if block is None or block["language"] not in _RUN:
            continue
        number += 1
        shown = None
        if following and following["language"] in _SHOWN:
            between = text[block.end() : following.start()]
            shown = None if between.strip() else following["text"]
        name = f"{page.relative_to(ROOT)} {number}"
        yield GuideBlock(name, block["language"], block["text"], shown)
