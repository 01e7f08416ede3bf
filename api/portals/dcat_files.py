"""The files of a release as distributions of its dataset."""

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDFS, XSD

from api.portals.description import Description
from api.portals.graph import Statements
from api.portals.table_files import TableFile, table_files
from api.portals.vocabulary import (
    DCAT,
    DCATAP,
    SHA256,
    SPDX,
    STABLE,
    media_type,
)
from domain.tables import Text


def add_files(graph: Graph, dataset: Statements, release: Description, root: str) -> None:
    """Add a distribution for each complete table in each format.

    Not for the batches: harvesters were killed by datasets with more than a thousand distributions
    (GSA/data.gov#4902), and who reads batches finds them in the manifest.

    Args:
        graph: Where to add them.
        dataset: What they are distributions of.
        release: The release.
        root: Address of the service, ending with a slash.
    """
    if not release.files:
        return
    licence = Statements(graph, URIRef(release.licence.url), DCTERMS.LicenseDocument).subject
    for file in table_files(release.files):
        address = f"{root}{release.path}{file.record.path}"
        node = URIRef(f"{address}#dist")
        dataset.add(DCAT.distribution, node)
        about = Statements(graph, node, DCAT.Distribution)
        _add_form(graph, about, file)
        about.add(DCTERMS.license, licence)
        about.moment(DCTERMS.issued, release.published)
        about.add(DCAT.accessURL, URIRef(f"{root}{release.path}"))
        about.add(DCAT.downloadURL, Statements(graph, URIRef(address), RDFS.Resource).subject)
        about.add(SPDX.checksum, _checksum(graph, address, file.record.sha256))


def _add_form(graph: Graph, about: Statements, file: TableFile) -> None:
    table, form = file.table, file.form
    about.text(
        DCTERMS.title,
        Text(f"{table.title.en} ({form.title})", f"{table.title.zh}({form.title})"),
    )
    about.text(DCTERMS.description, table.description)
    about.add(DCAT.mediaType, _kind(graph, form.content_type))
    if form.compression_type is not None:
        about.add(DCAT.compressFormat, _kind(graph, form.compression_type))
    size = Literal(str(file.record.bytes), datatype=XSD.nonNegativeInteger)
    about.add(DCAT.byteSize, size)
    about.add(DCATAP.availability, STABLE)


def _kind(graph: Graph, name: str) -> URIRef:
    return Statements(graph, media_type(name), DCTERMS.MediaType).subject


def _checksum(graph: Graph, address: str, sha256: str) -> URIRef:
    about = Statements(graph, URIRef(f"{address}#checksum"), SPDX.Checksum)
    about.add(SPDX.algorithm, SHA256)
    about.add(SPDX.checksumValue, Literal(sha256, datatype=XSD.hexBinary))
    return about.subject
