"""The digests, against the document that describes them."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from domain.bands import UNRECORDED, Band
from domain.digest import class_digest, class_text, release_digest
from domain.periods import YearRange
from domain.units import AboGroup, ProcessingMethod, UnitClass

DOCUMENT = Path(__file__).parents[2] / "docs" / "digest.md"

BEIJING = UnitClass(
    bank="BJ",
    period=YearRange(2010, 2014),
    abo=AboGroup.A,
    tnc=Band(8.0, 10.0),
    cd34=Band(None, 3.0),
    volume=None,
    processing=None,
)
GUANGDONG = UnitClass(
    bank="GD",
    period=YearRange(2015, 2019),
    abo=AboGroup.UNKNOWN,
    tnc=Band(12.5, None),
    cd34=UNRECORDED,
    volume=None,
    processing=None,
)


def _blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", DOCUMENT.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


def _ids(bank: str) -> list[str]:
    (lines,) = _blocks("json")
    return [line[7:31] for line in lines.splitlines() if f'"code":"{bank}"' in line]


def test_the_program_of_the_document_prints_the_digest_of_its_example() -> None:
    """Whoever follows the document arrives at the digest that it states."""
    (lines,) = _blocks("json")
    (program,) = _blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", program, "2"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == _blocks("text")[-1]


def test_we_compute_the_digests_of_the_example() -> None:
    """Our digests of the example are those of the document, in whichever order units come."""
    *_, class_body, stated_class, release_body, stated_release = _blocks("text")
    first = class_digest(BEIJING, 1, list(reversed(_ids("BJ"))))
    second = class_digest(GUANGDONG, 2, _ids("GD"))
    assert f"{first}\n" == stated_class
    assert hashlib.sha256(class_body.encode()).hexdigest() == first
    assert f"{release_digest(2, [second, first])}\n" == stated_release
    assert f"{release_digest(2, [first, second])}\n" == stated_release
    assert f"{hashlib.sha256(release_body.encode()).hexdigest()}\n" == stated_release


def test_text_of_a_class_tells_unpublished_from_unrecorded() -> None:
    """A dash is not published, two dots are not recorded; open ends are left out."""
    assert class_text(GUANGDONG) == (
        "bank=GD\nperiod=2015..2019\nabo=UNKNOWN\ntnc=12.5..\ncd34=..\nvolume=-\nprocessing=-\n"
    )


def test_text_of_a_class_without_published_values() -> None:
    """Every attribute can be unpublished, and every one has its line."""
    nothing = UnitClass(
        bank=None, period=None, abo=None, tnc=None, cd34=None, volume=None, processing=None
    )
    assert class_text(nothing) == "bank=-\nperiod=-\nabo=-\ntnc=-\ncd34=-\nvolume=-\nprocessing=-\n"


def test_each_part_changes_the_digest() -> None:
    """No two of values, release and members can be exchanged without another digest."""
    ids = _ids("BJ")
    other = UnitClass(
        bank="BJ",
        period=YearRange(2010, 2014),
        abo=AboGroup.A,
        tnc=Band(8.0, 10.0),
        cd34=Band(None, 3.0),
        volume=None,
        processing=ProcessingMethod.UNKNOWN,
    )
    digests = {
        class_digest(BEIJING, 1, ids),
        class_digest(BEIJING, 2, ids),
        class_digest(BEIJING, 1, ids[1:]),
        class_digest(other, 1, ids),
        release_digest(1, []),
        release_digest(2, []),
    }
    assert len(digests) == 6
