"""The header ``Link`` of releases and their files (RFC 8288): where to go from here.

Targets on this service are relative to the address that answers, so that they hold behind any
prefix. What they say never changes, as the answers that have them are kept by caches: the latest
version is an address that leads there.
"""

from posixpath import dirname, relpath

from files.layout import DATA_PACKAGE, MANIFEST
from loaders.catalogue import Catalogue
from loaders.releases import ReleaseRecord
from schema.types.licence import Licence

DESCRIPTIONS = {
    DATA_PACKAGE: "application/json",
    "croissant.json": "application/ld+json",
    "dataset.jsonld": "application/ld+json",
    MANIFEST: "application/json",
}
"""What describes a release, inside its folder, with the media types."""


def link_header(catalogue: Catalogue, release: ReleaseRecord, path: str) -> str:
    """Return the links of the file or folder at ``path`` inside the folder of ``release``.

    Args:
        catalogue: Tells whether the release before has the same file.
        release: The release.
        path: A file, or a folder with a slash at its end; empty for the folder of the release.
    """
    here = f"{release.number}/{path}"
    links = [_link(_from(here, f"{release.number}/"), "cite-as")]
    links.append(_link(Licence.of(release.licence).url, "license"))
    described = {file.path for file in catalogue.files(release.number)}
    for name, media_type in DESCRIPTIONS.items():
        if name != path and (name in described or name not in (DATA_PACKAGE, MANIFEST)):
            target = _from(here, f"{release.number}/{name}")
            links.append(_link(target, "describedby", media_type))
    links.append(_link(_from(here, f"latest/{path}"), "latest-version"))
    before = release.number - 1
    if _exists(catalogue, before, path):
        links.append(_link(_from(here, f"{before}/{path}"), "predecessor-version"))
    if path:
        links.append(_link(_from(here, f"{release.number}/"), "collection"))
    return ", ".join(links)


def _exists(catalogue: Catalogue, release: int, path: str) -> bool:
    if not path:
        return catalogue.releases.get(release) is not None
    if path.endswith("/"):
        return any(file.path.startswith(path) for file in catalogue.files(release))
    return any(file.path == path for file in catalogue.files(release))


def _from(here: str, there: str) -> str:
    """Return the reference from one address to another; a folder ends with a slash."""
    found = relpath(there, dirname(here))
    return f"{found}/" if there.endswith("/") else found


def _link(target: str, relation: str, media_type: str = "") -> str:
    return f'<{target}>; rel="{relation}"' + (f'; type="{media_type}"' if media_type else "")
