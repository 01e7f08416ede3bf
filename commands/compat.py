"""`cordgraph compat`: will my documents survive?"""

from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from api.compat import Compat, Report, Verdict
from domain.failures import Refused
from schema.build import build_schema
from schema.uses import Use
from schema.versions import VERSIONS

_INVALID = 1


@click.command("compat")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.pass_context
def compat(context: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Check the GraphQL documents in FILES against every version of the schema.

    For each version: whether the document is valid, what it uses that is deprecated, and what to
    write instead. The exit code is 1 if a document is invalid in the newest version.

    \b
    Example:
      cordgraph compat queries/*.graphql
    """
    schemas = {version.name: build_schema(version.name) for version in VERSIONS.served}
    checks = Compat(schemas, VERSIONS)
    reports = [checks.report(str(path), _text(path)) for path in files]
    if as_json:
        found = [report.as_json() for report in reports]
        click.echo(orjson.dumps({"documents": found}, option=orjson.OPT_INDENT_2))
    else:
        for report in reports:
            click.echo("\n".join(_lines(report)))
    if not all(report.lasts for report in reports):
        context.exit(_INVALID)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{path} is not text in UTF-8") from None


def _lines(report: Report) -> Iterator[str]:
    yield report.name
    for verdict in report.verdicts:
        state = "valid" if verdict.valid else "invalid"
        yield f"  {verdict.version} ({verdict.status.lower()}): {state}"
        yield from (f"    {line}" for line in _details(report, verdict))


def _details(report: Report, verdict: Verdict) -> Iterator[str]:
    for error in verdict.errors:
        yield f"{_place(error.get('locations'))}{error['message']}"
    for use in [*verdict.uses, *report.replacements(verdict)]:
        yield _advice(use, verdict)


def _place(locations: object) -> str:
    if isinstance(locations, list) and locations:
        return f"{locations[0]['line']}:{locations[0]['column']}: "
    return ""


def _advice(use: Use, verdict: Verdict) -> str:
    notice = use.notice
    state = f"deprecated since {notice.since}"
    if notice.removed_in is not None:
        gone = notice.removed_in <= verdict.version
        state = f"{'gone since' if gone else 'gone in'} {notice.removed_in}"
    instead = f"; write {notice.replacement}" if notice.replacement else ""
    return f"{'.'.join(use.path)}: {notice.coordinate} is {state}{instead}"
