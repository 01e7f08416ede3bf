"""What the README and the guides tell their readers to run, runs."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from commands.files_or_command import FilesOrCommand
from commands.main import main
from database.access import HOME, VARIABLES, Access
from database.pool import Connection
from files.store import VARIABLE as FILES
from publishing.api_keys import issue_key
from tests.answer_form import same_form
from tests.bank_files import inventory, unit
from tests.bank_tables import csv_text, fields, ndjson_text
from tests.guide_blocks import ROOT, GuideBlock, guide_blocks
from tests.node_project import node_project, run_node
from tests.serving import serving

_BLOCKS = {block.name: block for block in guide_blocks()}
_OF_EXPORT = [name for name in _BLOCKS if name.startswith("docs/export.md")]
_OF_FIRST = [name for name in _BLOCKS if name.startswith("docs/first-answers.md")]
_OF_MIRRORS = [name for name in _BLOCKS if name.startswith("docs/mirroring.md")]
_ASKING = [
    block
    for block in _BLOCKS.values()
    if "curl " in block.text and block.name not in (*_OF_EXPORT, *_OF_FIRST, *_OF_MIRRORS)
]
_INTAKE = _BLOCKS["docs/intake.md 1"]
_KEYS = _BLOCKS["docs/rate-limits.md 1"]
_USES = _BLOCKS["docs/versions.md 1"]
_BY_STEPS = _BLOCKS["docs/quickstart.md 5"]
_PYTHON = [_BLOCKS["docs/quickstart.md 4"], _BLOCKS["docs/clients.md 2"]]
_APOLLO = _BLOCKS["docs/clients.md 1"]
_NOT_RUN = {
    "README.md 1": "makes an environment, builds 300,000 units, and runs these tests",
    "README.md 3": "names a database on another host",
    "README.md 4": "names databases on other hosts, and listens on every address",
    "docs/anonymity.md 1": "needs the judge; tests/integration/test_judge_command.py",
    "docs/catalogue.md 1": "runs in tests/integration/test_api_portals.py, where there are files",
    "docs/catalogue.md 2": "mirrors everything; tests/contract/test_downloaders.py",
    "docs/catalogue.md 3": "mirrors everything; tests/contract/test_downloaders.py",
    "docs/digest.md 1": "runs in tests/unit/test_digest.py",
    "docs/hla.md 1": "names an approval on file; tests/integration/test_hla_tables.py",
    **dict.fromkeys(_OF_EXPORT, "runs in tests/contract/test_query_export_docs.py"),
    **dict.fromkeys(_OF_FIRST, "runs in tests/integration/test_first_answers.py"),
    "docs/intake.md 2": "reports of transplants; tests/integration/test_activity_intake.py",
    **dict.fromkeys(_OF_MIRRORS, "runs in tests/contract/test_mirroring_docs.py"),
    "docs/ide.md 1": "needs npm; tests/integration/test_ide_command.py",
    "docs/production.md 1": "listens on every address",
    "docs/quickstart.md 1": "makes an environment and builds 300,000 units",
    **{
        name: "takes the signatures of two people; tests/integration/test_governance_commands.py"
        for name in _BLOCKS
        if name.startswith(("docs/operator.md", "docs/release.md", "docs/scheme.md"))
        and _BLOCKS[name] not in _ASKING
    },
}
"""Why the other blocks are not run; their commands and options must exist all the same."""
_SHOWN_SERVICE = re.compile(r"(?:http://)?(?:127\.0\.0\.1|localhost):8000")
_INLINE = re.compile(r"`(cordgraph [^`]+)`")
_SECONDS = 300


@pytest.fixture(scope="module")
def url(published: Access) -> Iterator[str]:
    """A running service with three releases."""
    with serving(published) as base:
        yield base


def _environment(**settings: str) -> dict[str, str]:
    """Return an environment with the command line of this installation, and no service's own."""
    ours = {*VARIABLES.values(), HOME}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    bin_folder = Path(sys.executable).parent
    return {**kept, "PATH": f"{bin_folder}{os.pathsep}{kept['PATH']}", **settings}


def _run_shell(text: str, folder: Path, environment: Mapping[str, str]) -> str:
    """Run shell commands as one pastes them, up to the first that fails, and return the output."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _documents(text: str) -> list[Any]:
    """Return the JSON documents that stand one after the other."""
    found, rest = [], text.strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(value)
        rest = rest[end:].lstrip()
    return found


def test_every_block_is_run_or_has_a_reason_not_to_be() -> None:
    """A new block finds its place here."""
    run = [*_ASKING, _INTAKE, _KEYS, _USES, _BY_STEPS, *_PYTHON, _APOLLO]
    assert sorted([*(block.name for block in run), *_NOT_RUN]) == sorted(_BLOCKS)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("block", _ASKING, ids=lambda block: block.name)
def test_a_request_is_answered_as_shown(url: str, tmp_path: Path, block: GuideBlock) -> None:
    """Every curl gets an answer without errors; one that is shown has the same form and cost."""
    text = _SHOWN_SERVICE.sub(url, block.text)
    answers = _documents(_run_shell(text, tmp_path, _environment()))
    assert len(answers) == block.text.count("curl ")
    assert [answer for answer in answers if "errors" in answer] == []
    if block.shown is not None:
        shown = json.loads(block.shown)
        assert [same_form(shown, answer) for answer in answers] == [True] * len(answers), answers
        assert [answer["extensions"] for answer in answers] == [shown["extensions"]] * len(answers)


@pytest.mark.parametrize("block", _PYTHON, ids=lambda block: block.name)
def test_a_program_in_python_prints_what_is_shown(
    url: str, tmp_path: Path, block: GuideBlock
) -> None:
    """But for the numbers of units, without any warning."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _SHOWN_SERVICE.sub(url, block.text)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert block.shown is not None
    assert _without_counts(done.stdout) == _without_counts(block.shown)


def _without_counts(text: str) -> str:
    return re.sub(r"'unitCount': \d+", "'unitCount': N", text)


def test_apollo_keeps_two_releases_apart_as_shown(url: str, tmp_path: Path) -> None:
    """With the policies of the guide each release has its number; without them both have one."""
    asked = "query($c: String!, $n: Int) { bank(code: $c, release: $n) { unitCount } }"
    counts = [
        httpx.post(f"{url}/graphql", json={"query": asked, "variables": {"c": "GD", "n": n}})
        .raise_for_status()
        .json()["data"]["bank"]["unitCount"]
        for n in (1, 3)
    ]
    kept, mixed = (_run_apollo(url, tmp_path, policies) for policies in (True, False))
    assert _APOLLO.shown is not None
    assert same_form(json.loads(_APOLLO.shown), kept)
    assert [kept["first"]["unitCount"], kept["latest"]["unitCount"]] == counts
    assert counts[0] != counts[1]
    assert [mixed["first"]["unitCount"], mixed["latest"]["unitCount"]] == [counts[1]] * 2


def _run_apollo(url: str, folder: Path, policies: bool) -> Any:
    text = _SHOWN_SERVICE.sub(url, _APOLLO.text)
    if not policies:
        text = text.replace("typePolicies:", "leftOut:")
    project = node_project(Path(__file__).parent / "clients")
    script = project / f"{folder.name}-guide.mjs"
    script.write_text(text, encoding="utf-8")
    try:
        return run_node(project, script.name)
    finally:
        script.unlink()


def test_files_are_taken_in_by_the_commands_of_the_guide(database: Access, tmp_path: Path) -> None:
    """A file is checked, a folder loaded and reported, and then a whole file and its changes."""
    (tmp_path / "inventory").mkdir()
    gd = unit("GD-0001", BANK_MANUF_ID="GD")
    (tmp_path / "GD.xml").write_text(inventory(gd), encoding="utf-8")
    (tmp_path / "inventory" / "BJ.xml").write_text(inventory(unit()), encoding="utf-8")
    january, february = ({"SNAPSHOT_TIME": f"2026-{n}-01T00:00:00Z"} for n in ("02", "03"))
    made = {"CREATION_TIME": "2026-03-02T00:00:00Z"}
    whole = csv_text([fields()], **made, **january)
    after = {"UPDATE_MODE": "DIFF", "FOLLOWS": january["SNAPSHOT_TIME"], **february}
    changes = ndjson_text([fields(VOL="90.0")], **made, **after)
    (tmp_path / "BJ.csv").write_text(whole, encoding="utf-8")
    (tmp_path / "BJ-changes.ndjson").write_text(changes, encoding="utf-8")
    environment = _environment(CORDGRAPH_OPERATOR_URL=database.require("operator"))
    _run_shell(_INTAKE.text, tmp_path, environment)
    report = json.loads((tmp_path / "intake.json").read_bytes())
    assert [file["outcome"] for file in report["files"]] == ["LOADED"]


async def test_keys_are_issued_and_revoked_by_the_commands_of_the_guide(
    database: Access, operator: Connection, tmp_path: Path
) -> None:
    """Here too the key that is issued happens to be the seventh."""
    for _ in range(6):
        await issue_key(operator, "another", 1)
    environment = _environment(CORDGRAPH_OPERATOR_URL=database.require("operator"))
    printed = _run_shell(_KEYS.text, tmp_path, environment)
    assert "Portal of the alliance" in printed
    assert printed.endswith("Key 7 is revoked.\n")


def test_uses_are_shown_by_the_command_of_the_guide(database: Access, tmp_path: Path) -> None:
    """Every part that goes, though nobody used it."""
    environment = _environment(CORDGRAPH_SERVICE_URL=database.require("service"))
    printed = _run_shell(_USES.text, tmp_path, environment)
    assert re.findall(r"│ (\S+\.\S+) +│ +(\d+) │", printed) == [
        ("Anonymity.judge", "0"),
        ("Anonymity.maxRisk", "0"),
        ("Release.licence", "0"),
    ]


def test_a_release_of_ones_own_is_built_step_by_step(home: Path, tmp_path: Path) -> None:
    """From an empty folder to an answer, by the commands of the quickstart as they stand there."""
    text = _BY_STEPS.text.replace("/tmp/cordgraph-try", str(home))  # noqa: S108 - of the guide
    text = text.replace("/tmp/inventory", str(tmp_path / "inventory"))  # noqa: S108
    steps, serve = text.rstrip().rsplit("\n", 1)
    environment = _environment(CORDGRAPH_PORT="0")
    printed = _run_shell(steps, tmp_path, environment)
    assert "Published release 1 (synthetic)" in printed
    served = subprocess.Popen(
        shlex.split(serve),
        env={**environment, HOME: str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert served.stderr is not None
        announced = served.stderr.readline()
        (address,) = re.findall(
            r"^CordGraph answers on (http://127\.0\.0\.1:\d+/graphql)$", announced
        )
        answer = httpx.post(address, json={"query": "{ release { number synthetic bankCount } }"})
        assert answer.json()["data"]["release"] == {
            "number": 1,
            "synthetic": True,
            "bankCount": 7,
        }
    finally:
        served.terminate()
        served.communicate(timeout=_SECONDS)
    assert served.returncode == 0


def _shell_commands() -> list[tuple[str, list[str]]]:
    found = [(block.name, words) for block in _BLOCKS.values() for words in block.command_lines()]
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        name = str(page.relative_to(ROOT))
        spans = _INLINE.findall(page.read_text(encoding="utf-8"))
        found += [(name, shlex.split(span)) for span in spans]
    return found


def test_every_command_and_option_in_the_documentation_exists() -> None:
    """Also in blocks that are not run, and in the running text."""
    found = _shell_commands()
    ours = [(place, words) for place, words in found if words[0] == "cordgraph"]
    assert len(ours) >= 20
    assert [(place, words) for place, words in ours if not _is_known(words[1:])] == []
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    made = {words[1] for _, words in found if words[0] == "make"}
    assert made - set(targets) == set()
    rest = {words[0] for _, words in found} - {
        "cordgraph",
        "make",
        "ariadne-codegen",
        "curl",
        "head",
        "export",
        "minisign",
        "rclone",
        "wget",
    }
    assert rest == set()


def _is_known(words: list[str]) -> bool:
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if words[0] not in command.commands:
            if isinstance(command, FilesOrCommand):
                break  # the word is a file
            return False
        name, *words = words
        command = command.commands[name]
    try:
        command.make_parser(click.Context(command)).parse_args(list(words))
    except click.UsageError:
        return False
    return True


def test_every_variable_that_a_block_sets_is_a_setting() -> None:
    """By the list in docs/settings.md, which another test compares with the code."""
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    names = {
        words[1].partition("=")[0]
        for block in _BLOCKS.values()
        for words in block.command_lines()
        if words[0] == "export"
    }
    assert names == {*VARIABLES.values(), HOME, FILES}
    assert [name for name in names if f"`{name}`" not in settings] == []
