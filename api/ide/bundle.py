"""The files of the IDE, our own and those built from npm, at an address of their digest."""

import asyncio
import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

from api.coding import INLINE_BYTES, Coding, accepted_codings, chosen_coding, compressed
from api.etag import etag_of, is_known
from api.ide.build import LICENCES
from api.problems import problem

ROOT = "/static/ide"
"""Where the files are, below the digest of all."""
FOREVER = "public, max-age=31536000, immutable"
NEEDED = ("react.js", "react-dom.js", "graphiql.js", "graphiql.css", "explorer.js", "explorer.css")
"""What is built; all of it or nothing is used."""
_MEDIA_TYPES = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}
_DIGITS = 16


@dataclass(frozen=True)
class Asset:
    """One file.

    Attributes:
        name: Its name.
        body: Its bytes.
        integrity: What a browser checks before it uses it (Subresource Integrity).
        codings: The bytes compressed, as far as that was done.
    """

    name: str
    body: bytes
    integrity: str
    codings: dict[Coding, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, body: bytes, packed: bytes | None = None) -> "Asset":
        """Hold a file, and what the build has compressed of it."""
        digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
        codings = {Coding.IDENTITY: body}
        if packed is not None:
            codings[Coding.BROTLI] = packed
        return cls(name, body, f"sha384-{digest}", codings)

    @property
    def media_type(self) -> str:
        """Media type, by the ending of the name."""
        return _MEDIA_TYPES[self.name.rpartition(".")[2]]

    async def coded(self, coding: Coding) -> bytes:
        """Return the bytes in ``coding``, compressed once."""
        found = self.codings.get(coding)
        if found is None:
            if len(self.body) <= INLINE_BYTES:
                found = compressed(self.body, coding)
            else:
                found = await asyncio.to_thread(compressed, self.body, coding)
            self.codings[coding] = found
        return found


class Bundle:
    """All files of the IDE, held in memory.

    Attributes:
        assets: The files by name.
        complete: Whether what is built is among them.
    """

    def __init__(self, assets: Mapping[str, Asset]) -> None:
        self.assets = dict(assets)
        self.complete = all(name in self.assets for name in NEEDED)
        digest = hashlib.sha256()
        for name, asset in sorted(self.assets.items()):
            digest.update(f"{name} {asset.integrity}\n".encode())
        self._folder = f"{ROOT}/{digest.hexdigest()[:_DIGITS]}"

    @classmethod
    def installed(cls) -> "Bundle":
        """Return the files of this installation; without those of npm if they are not built."""
        folder = files("api.ide")
        found = {asset.name: asset for asset in _assets(folder / "source")}
        built = {asset.name: asset for asset in _assets(folder / "built")}
        if {*NEEDED, LICENCES} <= built.keys():
            found |= built
        return cls(found)

    def address(self, name: str) -> str:
        """Return where a file is; the address changes with the content of any."""
        return f"{self._folder}/{name}"

    async def answer(self, request: Request) -> Response:
        """Answer ``/static/ide/<digest>/<name>``."""
        asset = self.assets.get(request.path_params["name"])
        if asset is None or request.url.path != self.address(asset.name):
            return problem(404, "There is no such file; its address changes with its content.")
        header = ", ".join(request.headers.getlist("accept-encoding")).encode("latin-1")
        accepted = accepted_codings(header or None)
        coding = chosen_coding(accepted, len(asset.body)) or Coding.IDENTITY
        body = await asset.coded(coding)
        tag = etag_of(asset.integrity.encode(), coding.value.encode())
        headers = {"Cache-Control": FOREVER, "ETag": tag, "Vary": "Accept-Encoding"}
        if is_known(request.headers.getlist("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        if coding is not Coding.IDENTITY:
            headers["Content-Encoding"] = coding.value
        return Response(body, headers=headers, media_type=asset.media_type)


def _assets(folder: Traversable) -> Iterator[Asset]:
    """Yield the files of a folder that a browser may have; none if it is not there."""
    if not folder.is_dir():
        return
    names = {each.name: each for each in folder.iterdir()}
    for name, file in sorted(names.items()):
        if name.rpartition(".")[2] in _MEDIA_TYPES:
            packed = names.get(f"{name}.br")
            yield Asset.of(name, file.read_bytes(), None if packed is None else packed.read_bytes())
