"""`cordgraph verify`: is this what was published?"""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click

from commands.options import json_option
from commands.output import print_json
from commands.progress import ProgressBars
from domain.failures import Refused, Unavailable
from files.layout import MANIFEST, SUMS
from files.signatures import PublicKey, parse_public_key, read_small
from files.sources import Folder, open_address
from files.verification import Verdict, verify_chain_only, verify_release


@click.command("verify")
@click.argument("place", metavar="DIR|URL")
@click.option(
    "--public-key",
    metavar="KEY",
    help="The key that must have signed: a file, or its second line. Without it the key beside the "
    "files is taken, which anybody could have put there.",
)
@json_option
def verify(*, place: str, public_key: str | None, as_json: bool) -> None:
    """Check a release, or all releases of a folder: signature, hashes, rows, digest and chain.

    DIR is the folder of a release, or one with all of them; URL is the address of a release or of
    a service, whose newest release is then fetched and checked. Nothing is kept of what is fetched.
    Exit code 0 if everything is as it was published, 1 if anything is not, 3 if it cannot be read.

    \b
    Examples:
      cordgraph verify releases/3
      cordgraph verify https://data.example.org/releases/3/ --public-key minisign.pub
    """
    key = None if public_key is None else _key(public_key)
    verdicts = []
    with ProgressBars() as bars:
        for verdict in _verdicts(place, key, bars):
            verdicts.append(verdict)
            if not as_json:
                _say(verdict)
    if as_json:
        print_json([verdict.as_json() for verdict in verdicts])
    if not all(verdict.holds for verdict in verdicts):
        raise SystemExit(1)


def _verdicts(place: str, key: PublicKey | None, bars: ProgressBars) -> Iterator[Verdict]:
    if urlsplit(place).scheme in {"http", "https"}:
        with open_address(place) as address:
            yield verify_release(address, key, bars)
        return
    folder = Path(place)
    if not folder.is_dir():
        raise Unavailable(f"{place}: there is no such folder")
    for release in _release_folders(folder):
        source = Folder(release)
        if _is_only_chain(release):
            yield verify_chain_only(source, key)
        else:
            yield verify_release(source, key, bars)


def _release_folders(folder: Path) -> list[Path]:
    """Return the folders of releases in ``folder``, the newest first, or the folder itself."""
    if not (folder / "releases").is_dir():
        return [folder]
    found = [path for path in (folder / "releases").iterdir() if path.name.isdecimal()]
    if not found:
        raise Unavailable(f"{folder / 'releases'}: there is no release here")
    return sorted(found, key=lambda path: int(path.name), reverse=True)


def _is_only_chain(folder: Path) -> bool:
    """Tell whether nothing but what withdrawn releases keep is in the folder of a release."""
    names = {path.name for path in folder.iterdir()}
    return {MANIFEST, SUMS} <= names and "release.json" not in names and len(names) <= 4  # noqa: PLR2004


def _say(verdict: Verdict) -> None:
    what = verdict.place if verdict.release is None else f"release {verdict.release}"
    if verdict.holds:
        click.echo(
            f"{what} is as it was published: {verdict.files} files, {verdict.bytes / 1e6:,.1f} MB, "
            f"digest {verdict.digest}, signed by {verdict.key_id}."
        )
    else:
        click.echo(f"{what} is NOT as it was published ({verdict.place}):")
    for fault in verdict.faults:
        click.echo(f"  wrong: {fault}")
    for note in verdict.notes:
        click.echo(f"  note: {note}")


def _key(given: str) -> PublicKey:
    path = Path(given)
    content = read_small(path) if path.is_file() else given.encode()
    try:
        return parse_public_key(content)
    except ValueError:
        raise Refused(
            f"--public-key: {given[:80]} is neither a file nor a public key of minisign",
            hint="Give minisign.pub of the publisher, or the line in it that begins with RW.",
        ) from None
