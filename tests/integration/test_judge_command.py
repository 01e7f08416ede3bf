"""`cordgraph release judge`: what it prints and its exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands.release import release_commands
from commands.shell import Shell
from database.access import Access


@pytest.fixture
def judge(tmp_path: Path) -> Path:
    """A judge that says what is written beside it."""
    program = tmp_path / "judge"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/said\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def _run(access: Access, *arguments: str) -> Result:
    environment = {"CORDGRAPH_OPERATOR_URL": access.require("operator")}
    group = Shell(name="cordgraph", commands={"release": release_commands})
    return CliRunner().invoke(group, ["release", *arguments], env=environment)


def _judged(access: Access, judge: Path, *options: str) -> Result:
    return _run(access, "judge", "1", "--python", str(judge), *options)


def test_a_confirmation_is_said(published: Access, judge: Path) -> None:
    """Program, version and counts are printed, or the same as JSON."""
    units = json.loads(_run(published, "show", "1", "--json").output)["unit_count"]
    said = {"judge": "pycanon", "version": "1.3.5", "units": units, "k": [12, 11]}
    judge.with_name("said").write_text(json.dumps(said), encoding="utf-8")
    result = _judged(published, judge, "--json")
    assert result.exit_code == 0
    assert json.loads(result.output) == {
        "release": 1,
        "judge": "pycanon",
        "version": "1.3.5",
        "units": units,
        "k": 12,
        "k_of_batches": 11,
        "verdict": "CONFIRMED",
    }
    assert "pycanon 1.3.5 confirms release 1" in _judged(published, judge).output


def test_a_refutation_is_loud(published: Access, judge: Path) -> None:
    """Whatever the judge found is recorded, and the command fails."""
    said = {"judge": "pycanon", "version": "1.3.5", "units": 5, "k": [2, 1]}
    judge.with_name("said").write_text(json.dumps(said), encoding="utf-8")
    result = _judged(published, judge)
    assert result.exit_code == 1
    assert result.output == (
        "pycanon 1.3.5 REFUTES release 1: 5 units, 2 in the smallest class, 1 within a batch.\n"
    )


def test_a_missing_judge_is_no_verdict(published: Access, tmp_path: Path) -> None:
    """The message says how to get one."""
    result = _judged(published, tmp_path / "nobody")
    assert result.exit_code == 3
    assert "the judge cannot be started" in result.output
    assert "make judge" in result.output
