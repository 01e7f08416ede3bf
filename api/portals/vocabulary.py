"""Terms of the vocabularies that portals read, with the labels that shape engines ask for."""

from rdflib import Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, RDFS, SKOS, XSD

from domain.tables import Text

ADMS = Namespace("http://www.w3.org/ns/adms#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib's own knows version 2
DCATAP = Namespace("http://data.europa.eu/r5r/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")

PREFIXES = {
    "adms": ADMS,
    "dcat": DCAT,
    "dcatap": DCATAP,
    "dcterms": DCTERMS,
    "foaf": FOAF,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "spdx": SPDX,
    "vcard": VCARD,
    "xsd": XSD,
}
"""Namespaces by the prefix under which they are written."""

_EU = Namespace("http://publications.europa.eu/resource/authority/")
_IANA = Namespace("https://www.iana.org/assignments/media-types/")

PUBLIC = _EU["access-right/PUBLIC"]
STABLE = _EU["planned-availability/STABLE"]
IRREGULAR = _EU["frequency/IRREG"]
CHINA = _EU["country/CHN"]
HEALTH = _EU["data-theme/HEAL"]
ENGLISH, CHINESE = _EU["language/ENG"], _EU["language/ZHO"]
COMPLETED = _EU["dataset-status/COMPLETED"]
WITHDRAWN = _EU["dataset-status/WITHDRAWN"]
SHA256 = SPDX["checksumAlgorithm_sha256"]
GRAPHQL = URIRef("https://spec.graphql.org/September2025/")
DATA_PACKAGE = URIRef("https://datapackage.org/profiles/2.0/datapackage.json")
DCAT_AP = URIRef("https://semiceu.github.io/DCAT-AP/releases/3.0.0/")

KINDS = {
    PUBLIC: DCTERMS.RightsStatement,
    STABLE: SKOS.Concept,
    IRREGULAR: DCTERMS.Frequency,
    CHINA: DCTERMS.Location,
    HEALTH: SKOS.Concept,
    ENGLISH: DCTERMS.LinguisticSystem,
    CHINESE: DCTERMS.LinguisticSystem,
    COMPLETED: SKOS.Concept,
    WITHDRAWN: SKOS.Concept,
    SHA256: SPDX.ChecksumAlgorithm,
    GRAPHQL: DCTERMS.Standard,
    DATA_PACKAGE: DCTERMS.Standard,
    DCAT_AP: DCTERMS.Standard,
}
"""What each term of elsewhere is. Said in the catalogue, so that nobody must look it up."""

LABELS = {
    STABLE: Text("stable", "稳定"),
    HEALTH: Text("Health", "健康"),
    COMPLETED: Text("completed", "已完成"),
    WITHDRAWN: Text("withdrawn", "已撤回"),
}
"""Labels of the concepts among them."""


def media_type(name: str) -> URIRef:
    """Return the term of a media type, without its parameters."""
    return _IANA[name.partition(";")[0].strip()]
