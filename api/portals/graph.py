"""A graph of RDF that is written without blank nodes and always in the same order."""

from datetime import datetime

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, SKOS, XSD

from api.portals.vocabulary import KINDS, LABELS, PREFIXES
from domain.tables import Text

Node = URIRef | Literal


class Statements:
    """Adds what is said of one thing to a graph."""

    def __init__(self, graph: Graph, subject: URIRef, *kinds: URIRef) -> None:
        """Say that ``subject`` is of ``kinds``."""
        self._graph = graph
        self.subject = subject
        self.add(RDF.type, *kinds)

    def add(self, predicate: URIRef, *objects: Node) -> None:
        """Say something; a term of elsewhere is explained the first time."""
        for each in objects:
            self._graph.add((self.subject, predicate, each))
            if isinstance(each, URIRef) and each in KINDS:
                explain(self._graph, each)

    def text(self, predicate: URIRef, text: Text) -> None:
        """Say something in both languages."""
        self.add(predicate, Literal(text.en, lang="en"), Literal(text.zh, lang="zh"))

    def moment(self, predicate: URIRef, when: datetime) -> None:
        """Say a time, which is in UTC."""
        shown = when.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
        self.add(predicate, Literal(shown, datatype=XSD.dateTime, normalize=False))


def explain(graph: Graph, term: URIRef) -> None:
    """Say what a term of elsewhere is."""
    graph.add((term, RDF.type, KINDS[term]))
    if term in LABELS:
        graph.add((term, SKOS.prefLabel, Literal(LABELS[term].en, lang="en")))
        graph.add((term, SKOS.prefLabel, Literal(LABELS[term].zh, lang="zh")))


def new_graph() -> Graph:
    """Return an empty graph that writes the usual prefixes."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph
