"""`cordgraph verify`, and releases that are signed anew by whoever has the key."""

import hashlib
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from commands.main import main
from files.manifest import Manifest, sums_text
from publishing.export.signing_key import SigningKey


def verify(*arguments: str | Path) -> Result:
    """Run `cordgraph verify`."""
    return CliRunner().invoke(main, ["verify", *map(str, arguments)], env={"COLUMNS": "200"})


def found(*arguments: str | Path) -> dict[str, Any]:
    """Verify and return the one verdict, whose exit code must fit."""
    result = verify(*arguments, "--json")
    (verdict,) = json.loads(result.stdout)
    assert result.exit_code == (0 if verdict["holds"] else 1), result.output
    told: dict[str, Any] = verdict
    return told


def seal(folder: Path, key: SigningKey, **changes: Any) -> None:
    """Write manifest, hashes and signature anew for what lies in ``folder``."""
    given = json.loads((folder / "manifest.json").read_bytes())
    for entry in given["files"]:
        content = (folder / entry["path"]).read_bytes()
        entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    given |= changes
    content = json.dumps(given).encode()
    (folder / "manifest.json").write_bytes(content)
    hashes = {entry["path"]: entry["sha256"] for entry in given["files"]}
    hashes["manifest.json"] = hashlib.sha256(content).hexdigest()
    sums = sums_text(list(hashes.items()))
    (folder / "SHA256SUMS").write_bytes(sums)
    signature = key.sign(sums, Manifest.from_bytes(content))
    (folder / "SHA256SUMS.minisig").write_bytes(signature)
