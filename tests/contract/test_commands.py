"""The command line as a user meets it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from commands import manual as manual_module
from commands.main import main
from commands.manual import PAGE, manual_text

ROOT = Path(__file__).parents[2]


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and group."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("words", list(every_command(main)), ids=" ".join)
def test_every_command_explains_itself_with_an_example(words: tuple[str, ...]) -> None:
    """--help ends well, and shows at least one whole command line on a line of its own."""
    result = CliRunner().invoke(main, [*words, "--help"])
    assert result.exit_code == 0
    lines = [line.strip() for line in result.output.splitlines()]
    start = next(n for n, line in enumerate(lines) if line in {"Example:", "Examples:"})
    assert lines[start + 1].startswith(f"cordgraph {' '.join(words)}".strip())
    assert "\\b" not in result.output


@pytest.mark.parametrize("words", list(every_command(main)), ids=" ".join)
def test_every_option_is_explained(words: tuple[str, ...]) -> None:
    """No option is left without a help text."""
    command: click.Command = main
    for word in words:
        assert isinstance(command, click.Group)
        command = command.commands[word]
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


def test_every_command_is_in_the_manual() -> None:
    """docs/commands.md is what the commands say of themselves."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == manual_text(main), "out of date: run cordgraph manual --write"


def test_the_manual_is_printed_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text in both ways."""
    printed = CliRunner().invoke(main, ["manual"])
    monkeypatch.setattr(manual_module, "PAGE", tmp_path / "commands.md")
    written = CliRunner().invoke(main, ["manual", "--write"])
    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert (tmp_path / "commands.md").read_text(encoding="utf-8") == printed.output


def test_make_help_lists_the_targets() -> None:
    """A newcomer sees what there is."""
    listed = subprocess.run(
        ["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert "make demo" in listed
    assert "make test" in listed
