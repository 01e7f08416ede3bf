"""`cordgraph release judge`: have a release judged by a program that is not ours."""

import asyncio
import json
from pathlib import Path

import click

from commands.session import operator_session
from publishing.judgement import Judgement, judge_release


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
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def judge_command(*, number: int, python: Path, as_json: bool) -> None:
    """Have release NUMBER judged by pycanon, and publish what it finds.

    It reads the published units alone, in an environment of its own, and counts the smallest
    class. Name, version and finding are shown with the release and never removed; each run adds
    one. Exit code 1 if it does not confirm the release, 3 if it cannot be run.

    \b
    Example:
      cordgraph release judge 3
    """
    judged = asyncio.run(_judge(number, python))
    if as_json:
        click.echo(json.dumps(judged.as_json(), indent=2))
    else:
        verdict = "confirms" if judged.confirmed else "REFUTES"
        click.echo(
            f"{judged.judge} {judged.version} {verdict} release {number}: {judged.units:,} units, "
            f"{judged.k} in the smallest class, {judged.k_of_batches} within a batch."
        )
    if not judged.confirmed:
        raise SystemExit(1)


async def _judge(number: int, python: Path) -> Judgement:
    async with operator_session() as connection:
        return await judge_release(connection, number, python)
