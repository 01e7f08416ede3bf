"""The command line as one operator has it: a database, a data folder, exit codes."""

from pathlib import Path

from click.testing import CliRunner, Result

from commands.main import main
from database.access import Access


class Runner:
    """Runs commands against one database and data folder; each has an event loop of its own.

    Attributes:
        home: The data folder.
    """

    def __init__(self, access: Access, home: Path, *prefix: str, code: int | None = None) -> None:
        """Run commands on ``access``.

        Args:
            access: The database; the operator's address is used.
            home: The data folder.
            prefix: What all commands begin with.
            code: The exit code that each must have, unless it is called with another one; any
                if not given.
        """
        self.home = home
        self._prefix = prefix
        self._code = code
        self._environment = {
            "CORDGRAPH_HOME": str(home),
            "CORDGRAPH_OPERATOR_URL": access.require("operator"),
            "COLUMNS": "200",
        }

    def __call__(
        self, *arguments: str, answers: str | None = None, code: int | None = None
    ) -> Result:
        """Run ``cordgraph ARGUMENTS``, which is given ``answers``."""
        line = (*self._prefix, *arguments)
        result = CliRunner().invoke(main, line, env=self._environment, input=answers)
        wanted = self._code if code is None else code
        assert wanted in (None, result.exit_code), result.output
        return result

    def file(self, name: str, content: bytes) -> str:
        """Write a file into the data folder and return its path."""
        path = self.home / name
        path.write_bytes(content)
        return str(path)
