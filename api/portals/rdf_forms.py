"""Writing a graph as Turtle, JSON-LD or RDF/XML: the same bytes for the same graph, always."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from xml.etree import ElementTree as ET

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, XSD

from api.portals.vocabulary import PREFIXES

_XML = "http://www.w3.org/XML/1998/namespace"
_RDF = Namespace(str(RDF))  # its syntax is not among rdflib's terms


def as_turtle(graph: Graph) -> bytes:
    """Return the graph as Turtle."""
    return graph.serialize(format="turtle", encoding="utf-8")


def as_json_ld(graph: Graph) -> bytes:
    """Return the graph as flattened JSON-LD 1.1, with a context of prefixes only."""
    nodes = []
    for subject in _subjects(graph):
        node: dict[str, object] = {"@id": str(subject)}
        for predicate, objects in _properties(graph, subject).items():
            if predicate == RDF.type:
                node["@type"] = [_compact(each) for each in objects]
            else:
                node[_compact(predicate)] = [_json_value(each) for each in objects]
        nodes.append(node)
    context = {prefix: str(namespace) for prefix, namespace in PREFIXES.items()}
    text = json.dumps({"@context": context, "@graph": nodes}, ensure_ascii=False, indent=1)
    return text.encode() + b"\n"


def as_rdf_xml(graph: Graph) -> bytes:
    """Return the graph as RDF/XML, one element for each thing."""
    for prefix, namespace in PREFIXES.items():
        ET.register_namespace(prefix, str(namespace))
    root = ET.Element(_tag(_RDF.RDF))
    for subject in _subjects(graph):
        element = ET.SubElement(root, _tag(_RDF.Description), {_tag(_RDF.about): str(subject)})
        for predicate, objects in _properties(graph, subject).items():
            for each in objects:
                _add_xml(element, predicate, each)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


FORMS: Mapping[str, Callable[[Graph], bytes]] = MappingProxyType(
    {
        "text/turtle": as_turtle,
        "application/ld+json": as_json_ld,
        "application/rdf+xml": as_rdf_xml,
    }
)
"""How to write each media type."""


def _subjects(graph: Graph) -> list[URIRef]:
    return sorted({each for each in graph.subjects() if isinstance(each, URIRef)})


def _properties(graph: Graph, subject: URIRef) -> dict[URIRef, list[URIRef | Literal]]:
    """Return what is said of ``subject``: the type first, all else in the order of the text."""
    found: dict[URIRef, list[URIRef | Literal]] = {}
    for predicate, value in graph.predicate_objects(subject):
        if isinstance(predicate, URIRef) and isinstance(value, URIRef | Literal):
            found.setdefault(predicate, []).append(value)
    ordered = sorted(found, key=lambda each: (each != RDF.type, each))
    return {each: sorted(found[each], key=_order) for each in ordered}


def _order(value: URIRef | Literal) -> tuple[str, str, str]:
    if isinstance(value, Literal):
        return str(value), value.language or "", str(value.datatype or "")
    return str(value), "", ""


def _compact(name: URIRef | Literal) -> str:
    for prefix, namespace in PREFIXES.items():
        if name.startswith(str(namespace)):
            return f"{prefix}:{name[len(str(namespace)) :]}"
    return str(name)


def _json_value(value: URIRef | Literal) -> dict[str, str]:
    if isinstance(value, URIRef):
        return {"@id": str(value)}
    if value.language:
        return {"@value": str(value), "@language": value.language}
    if value.datatype is None or value.datatype == XSD.string:
        return {"@value": str(value)}
    return {"@value": str(value), "@type": _compact(value.datatype)}


def _add_xml(parent: ET.Element, predicate: URIRef, value: URIRef | Literal) -> None:
    element = ET.SubElement(parent, _tag(predicate))
    if isinstance(value, URIRef):
        element.set(_tag(_RDF.resource), str(value))
        return
    element.text = str(value)
    if value.language:
        element.set(f"{{{_XML}}}lang", value.language)
    elif value.datatype is not None:
        element.set(_tag(_RDF.datatype), str(value.datatype))


def _tag(name: URIRef) -> str:
    """Return a name in the form of ElementTree, split behind the namespace."""
    for namespace in map(str, PREFIXES.values()):
        if name.startswith(namespace):
            return f"{{{namespace}}}{name[len(namespace) :]}"
    raise ValueError(name)
