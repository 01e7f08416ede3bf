"""Programs for Java: one source file, compiled with all warnings as errors, and its runs."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest

_SECONDS = 120
_STRICT = ["-Xlint:all", "-Werror", "-encoding", "UTF-8"]
_UTF8 = ["-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"]


def run_java(source: Path, classes: Path, *arguments: str) -> Any:
    """Compile ``source`` into ``classes``, run it and return what it prints, which is JSON.

    Where there is no Java development kit, the test is skipped.
    """
    if shutil.which("javac") is None or shutil.which("java") is None:
        pytest.skip("no Java development kit is installed")
    _run(["javac", *_STRICT, "-d", str(classes), str(source)])
    return orjson.loads(_run(["java", *_UTF8, "-cp", str(classes), source.stem, *arguments]))


def _run(command: list[str]) -> bytes:
    ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout
