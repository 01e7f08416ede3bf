"""The catalogue in DCAT-AP 3: every release as a dataset, and the GraphQL endpoint as a service.

The harvester of CKAN deletes what a catalogue no longer lists and makes anew what has another
address. So every release stays in it for good, and every thing has an address that never changes:
that of its page or file, with a fragment, since a page is not the dataset that it is about. See
https://semiceu.github.io/DCAT-AP/releases/3.0.0/.
"""

from collections.abc import Sequence

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDFS, XSD

from api.portals.dcat_files import add_files
from api.portals.description import (
    CATALOGUE_DESCRIPTION,
    CATALOGUE_TITLE,
    KEYWORDS,
    SERIES_DESCRIPTION,
    SERIES_TITLE,
    Description,
    Publisher,
    newest_readable,
)
from api.portals.graph import Statements, new_graph
from api.portals.vocabulary import (
    ADMS,
    CHINA,
    CHINESE,
    COMPLETED,
    DCAT,
    DCAT_AP,
    ENGLISH,
    GRAPHQL,
    HEALTH,
    IRREGULAR,
    PUBLIC,
    VCARD,
    WITHDRAWN,
)
from domain.tables import Text

_ENDPOINT_TITLE = Text("GraphQL endpoint", "GraphQL接口")
_ENDPOINT_DESCRIPTION = Text(
    "Queries over all releases that are not withdrawn: filters, exact totals, pages, cross-tables.",
    "可查询全部未撤回的发布:筛选、精确计数、分页和交叉表。",
)


class Catalog:
    """Builds the graph of the catalogue.

    Args:
        root: Address of the service, ending with a slash.
        publisher: Who publishes.
        version: Version of the GraphQL schema whose definition describes the endpoint.
    """

    def __init__(self, root: str, publisher: Publisher, version: str) -> None:
        self._root = root
        self._publisher = publisher
        self._version = version
        self._catalog = URIRef(f"{root}catalog")
        self._agent = URIRef(f"{root}catalog#publisher")
        self._contact = URIRef(f"{root}catalog#contact")
        self._series = URIRef(f"{root}releases/#series")
        self._service = URIRef(f"{root}graphql#service")

    def graph(self, releases: Sequence[Description]) -> Graph:
        """Return what is to be said of ``releases``, of which there is at least one."""
        graph = new_graph()
        self._add_publisher(graph)
        self._add_catalog(graph, releases)
        self._add_series(graph, releases)
        self._add_service(graph, releases)
        for each in releases:
            self._add_dataset(graph, each)
            self._add_record(graph, each)
        return graph

    def _add_publisher(self, graph: Graph) -> None:
        agent = Statements(graph, self._agent, FOAF.Agent, FOAF.Organization)
        agent.add(FOAF.name, Literal(self._publisher.name))
        contact = Statements(graph, self._contact, VCARD.Kind, VCARD.Organization)
        contact.add(VCARD.fn, Literal(self._publisher.name))
        address = URIRef(self._publisher.contact or self._root)
        is_mail = address.startswith("mailto:")
        contact.add(VCARD.hasEmail if is_mail else VCARD.hasURL, address)

    def _add_catalog(self, graph: Graph, releases: Sequence[Description]) -> None:
        about = Statements(graph, self._catalog, DCAT.Catalog)
        about.text(DCTERMS.title, CATALOGUE_TITLE)
        about.text(DCTERMS.description, CATALOGUE_DESCRIPTION)
        about.add(DCTERMS.publisher, self._agent)
        about.add(DCTERMS.language, ENGLISH, CHINESE)
        about.add(DCTERMS.spatial, CHINA)
        about.moment(DCTERMS.issued, releases[0].published)
        about.moment(DCTERMS.modified, max(each.modified for each in releases))
        about.add(FOAF.homepage, self._document(graph, self._root))
        about.add(DCAT.service, self._service)
        about.add(DCAT.resource, self._series)  # no dataset: harvesters want files of those
        for each in releases:
            about.add(DCAT.dataset, self._dataset(each.number))
            about.add(DCAT.record, self._record(each.number))

    def _add_series(self, graph: Graph, releases: Sequence[Description]) -> None:
        about = Statements(graph, self._series, DCAT.DatasetSeries, DCAT.Resource)
        about.text(DCTERMS.title, SERIES_TITLE)
        about.text(DCTERMS.description, SERIES_DESCRIPTION)
        about.add(DCTERMS.identifier, Literal("cordgraph-releases"))
        about.add(DCTERMS.publisher, self._agent)
        about.add(DCAT.contactPoint, self._contact)
        about.add(DCTERMS.accrualPeriodicity, IRREGULAR)
        about.add(DCTERMS.spatial, CHINA)
        about.moment(DCTERMS.issued, releases[0].published)
        about.moment(DCTERMS.modified, releases[-1].published)
        about.add(DCAT.first, self._dataset(releases[0].number))
        about.add(DCAT.last, self._dataset(releases[-1].number))
        newest = newest_readable(releases)
        if newest is not None:
            about.add(DCAT.hasCurrentVersion, self._dataset(newest.number))

    def _add_service(self, graph: Graph, releases: Sequence[Description]) -> None:
        about = Statements(graph, self._service, DCAT.DataService, DCAT.Resource)
        about.text(DCTERMS.title, _ENDPOINT_TITLE)
        about.text(DCTERMS.description, _ENDPOINT_DESCRIPTION)
        about.add(DCAT.endpointURL, self._resource(graph, f"{self._root}graphql"))
        definition = f"{self._root}schema/{self._version}.graphql"
        about.add(DCAT.endpointDescription, self._resource(graph, definition))
        about.add(DCTERMS.conformsTo, GRAPHQL)
        about.add(DCTERMS.publisher, self._agent)
        about.add(DCAT.contactPoint, self._contact)
        about.add(DCTERMS.accessRights, PUBLIC)
        about.add(DCAT.theme, HEALTH)
        for each in releases:
            if not each.is_withdrawn:
                about.add(DCAT.servesDataset, self._dataset(each.number))

    def _add_dataset(self, graph: Graph, release: Description) -> None:
        about = Statements(graph, self._dataset(release.number), DCAT.Dataset, DCAT.Resource)
        about.text(DCTERMS.title, release.title)
        about.text(DCTERMS.description, release.description)
        about.text(ADMS.versionNotes, release.notes)
        about.add(DCTERMS.identifier, Literal(release.identifier))
        about.add(DCAT.version, Literal(str(release.number)))
        about.moment(DCTERMS.issued, release.published)
        about.moment(DCTERMS.modified, release.published)
        for keyword in KEYWORDS:
            about.text(DCAT.keyword, keyword)
        about.add(DCAT.theme, HEALTH)
        about.add(DCTERMS.language, ENGLISH, CHINESE)
        about.add(DCTERMS.publisher, self._agent)
        about.add(DCAT.contactPoint, self._contact)
        about.add(DCTERMS.accessRights, PUBLIC)
        about.add(DCTERMS.accrualPeriodicity, IRREGULAR)
        about.add(DCTERMS.spatial, CHINA)
        about.add(ADMS.status, WITHDRAWN if release.is_withdrawn else COMPLETED)
        about.add(DCAT.landingPage, self._document(graph, self._root + release.path))
        about.add(DCAT.inSeries, self._series)
        if release.number > 1:
            before = self._dataset(release.number - 1)
            about.add(DCAT.prev, before)
            about.add(DCAT.previousVersion, before)
        self._add_period(graph, about, release)
        add_files(graph, about, release, self._root)

    def _add_period(self, graph: Graph, about: Statements, release: Description) -> None:
        if release.period is None:
            return
        node = URIRef(f"{self._root}{release.path}#period")
        period = Statements(graph, node, DCTERMS.PeriodOfTime)
        first, last = f"{release.period.first}-01-01", f"{release.period.last}-12-31"
        period.add(DCAT.startDate, Literal(first, datatype=XSD.date))
        period.add(DCAT.endDate, Literal(last, datatype=XSD.date))
        about.add(DCTERMS.temporal, node)

    def _add_record(self, graph: Graph, release: Description) -> None:
        about = Statements(graph, self._record(release.number), DCAT.CatalogRecord)
        about.add(FOAF.primaryTopic, self._dataset(release.number))
        about.moment(DCTERMS.issued, release.published)
        about.moment(DCTERMS.modified, release.modified)
        about.add(DCTERMS.conformsTo, DCAT_AP)
        about.add(DCTERMS.language, ENGLISH, CHINESE)
        about.text(DCTERMS.title, release.title)

    def _dataset(self, number: int) -> URIRef:
        return URIRef(f"{self._root}releases/{number}/#dataset")

    def _record(self, number: int) -> URIRef:
        return URIRef(f"{self._root}catalog#release-{number}")

    def _document(self, graph: Graph, address: str) -> URIRef:
        return Statements(graph, URIRef(address), FOAF.Document, RDFS.Resource).subject

    def _resource(self, graph: Graph, address: str) -> URIRef:
        return Statements(graph, URIRef(address), RDFS.Resource).subject
