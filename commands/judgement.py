"""`cordgraph release judge`: have a release judged by a program that is not ours."""

from pathlib import Path

import click

from commands.options import json_option
from commands.output import print_json
from commands.session import as_operator
from publishing.judgement import judge_release


@click.command("judge")
@click.argument("number", type=click.IntRange(min=1))
@click.option(
    "--python",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(".venv-judge/bin/python"),
    show_default=True,
    envvar="CORDGRAPH_JUDGE",
    show_envvar=True,
    help="Interpreter of the judge's environment, which `make judge` makes.",
)
@json_option
def judge_command(*, number: int, python: Path, as_json: bool) -> None:
    """Have release NUMBER judged by pycanon, and publish what it finds.

    It reads the published units alone, in an environment of its own, and counts the smallest
    class. Name, version and finding are shown with the release and never removed; each run adds
    one. Exit code 1 if it does not confirm the release, 3 if it cannot be run.

    \b
    Example:
      cordgraph release judge 3
    """
    judged = as_operator(judge_release, number, python)
    if as_json:
        print_json(judged.as_json())
    else:
        verdict = "confirms" if judged.confirmed else "REFUTES"
        click.echo(
            f"{judged.judge} {judged.version} {verdict} release {number}: {judged.units:,} units, "
            f"{judged.k} in the smallest class, {judged.k_of_batches} within a batch."
        )
    if not judged.confirmed:
        raise SystemExit(1)
