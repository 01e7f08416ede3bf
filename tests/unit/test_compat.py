"""Will my documents survive?"""

import json
from pathlib import Path

from click.testing import CliRunner

from api.compat import Compat
from commands.main import main
from tests.contracts_in_time import TIMES, build_all

CHECKS = Compat(build_all(), TIMES)


def test_a_document_is_judged_by_every_version() -> None:
    """Valid until its parts are gone; the report says which ones and what to write."""
    report = CHECKS.report("q", "{ things { title price } }")
    assert [(each.version, each.valid) for each in report.verdicts] == [
        ("2021-01", True), ("2022-01", True), ("2023-01", False), ("2024-01", False),
    ]  # fmt: skip
    assert not report.lasts
    newest = report.as_json()["versions"][-1]  # type: ignore[index]
    assert newest["status"] == "UNSTABLE"
    assert newest["deprecations"] == []
    assert [(use["coordinate"], use["replacement"]) for use in newest["replacements"]] == [
        ("Thing.title", "label"),
        ("Thing.price", "price { amount }"),
    ]
    assert [error["locations"] for error in newest["errors"]] == [
        [{"line": 1, "column": 12}],
        [{"line": 1, "column": 18}],
    ]
    assert {error["extensions"]["code"] for error in newest["errors"]} == {"DOCUMENT_INVALID"}


def test_deprecated_uses_are_listed_where_the_document_is_still_valid() -> None:
    """With the path, the first version, the last and the replacement."""
    report = CHECKS.report("q", "query A { things { title } } query B { things(limit: 1) { id } }")
    stable = report.as_json()["versions"][1]  # type: ignore[index]
    assert stable == {
        "version": "2022-01",
        "status": "STABLE",
        "valid": True,
        "errors": [],
        "deprecations": [
            {
                "coordinate": "Thing.title",
                "path": ["things", "title"],
                "since": "2023-01",
                "removedIn": "2024-01",
                "replacement": "label",
            },
            {
                "coordinate": "Query.things(limit:)",
                "path": ["things"],
                "since": "2022-01",
                "removedIn": "2024-01",
                "replacement": "first",
            },
        ],
        "replacements": [],
    }


def test_what_no_version_accepts_is_told_with_its_place() -> None:
    """Syntax, limits and cycles are errors of the document, not of the check."""
    for text, code in (
        ("{ things { ", "DOCUMENT_SYNTAX"),
        ("{ nothing }", "DOCUMENT_INVALID"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(300)) + " }", "LIMIT_EXCEEDED"),
        ("{ ...A } fragment A on Query { ...A }", "DOCUMENT_INVALID"),
        ("mutation { a }", "DOCUMENT_INVALID"),
    ):
        report = CHECKS.report("q", text)
        for verdict in report.verdicts:
            assert verdict.errors[0]["extensions"] is not None
            assert verdict.errors[0]["extensions"]["code"] == code  # type: ignore[index]


def test_the_command_fails_if_a_document_is_invalid_in_the_newest_version(tmp_path: Path) -> None:
    """Exit code 1 for continuous integration; 0 as long as all survive, deprecated or not."""
    old, good = tmp_path / "old.graphql", tmp_path / "good.graphql"
    old.write_text("{ release { licence } }")
    good.write_text("{ release { number anonymity { judge } } }")
    result = CliRunner().invoke(main, ["compat", str(good)])
    assert result.exit_code == 0
    assert result.output == (
        f"{good}\n"
        "  2026-10 (candidate): valid\n"
        "    release.anonymity.judge: Anonymity.judge is gone in 2028-01; write confirmedBy\n"
        "  2027-01 (unstable): valid\n"
        "    release.anonymity.judge: Anonymity.judge is gone in 2028-01; write confirmedBy\n"
    )
    result = CliRunner().invoke(main, ["compat", str(good), str(old)])
    assert result.exit_code == 1
    assert "  2027-01 (unstable): invalid\n    1:13: Field 'licence'" in result.output
    assert "Release.licence is gone since 2027-01; write licence { spdx }" in result.output
    result = CliRunner().invoke(main, ["compat", "--json", str(old)])
    assert result.exit_code == 1
    (report,) = json.loads(result.output)["documents"]
    assert report["name"] == str(old)
    assert report["validInNewest"] is False


def test_the_command_refuses_what_is_no_text(tmp_path: Path) -> None:
    """Two lines, not a traceback."""
    path = tmp_path / "bytes.graphql"
    path.write_bytes(b"\xff\xfe")
    result = CliRunner().invoke(main, ["compat", str(path)])
    assert result.exit_code == 1
    assert "is not text in UTF-8" in result.output


def test_the_differ_is_a_command() -> None:
    """Three forms; an unknown version is refused with the list."""
    run = CliRunner()
    text = run.invoke(main, ["schema", "diff", "2026-10", "2027-01"]).output
    assert "- `Release.licence`: Field Release.licence changed type" in text
    as_json = ["schema", "diff", "2026-10", "2027-01", "--format", "json"]
    page = json.loads(run.invoke(main, as_json).output)
    assert page["counts"]["breaking"] == 1
    atom = ["schema", "diff", "2026-10", "2027-01", "--format", "atom"]
    assert run.invoke(main, atom).output.startswith("<?xml")
    refused = run.invoke(main, ["schema", "diff", "2026-10", "2030-01"])
    assert refused.exit_code == 1
    assert "there is no schema version '2030-01'" in refused.output
