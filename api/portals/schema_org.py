"""A release as a schema.org Dataset, which dataset search engines read."""

import json
from collections.abc import Sequence

from api.portals.description import (
    KEYWORDS,
    SERIES_DESCRIPTION,
    SERIES_TITLE,
    Description,
    Publisher,
)
from api.portals.table_files import table_files
from domain.tables import Text

CONTEXT = "https://schema.org/"


def dataset(release: Description, publisher: Publisher, root: str) -> dict[str, object]:
    """Return the JSON-LD of a release.

    Args:
        release: The release.
        publisher: Who publishes.
        root: Address of the service, ending with a slash.
    """
    return {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": f"{root}{release.path}#dataset",
        **about(release, publisher, root),
        **_named(release.title, release.description),
        "isPartOf": {
            "@type": "Dataset",
            "@id": f"{root}releases/#series",
            **_named(SERIES_TITLE, SERIES_DESCRIPTION),
            "url": f"{root}releases/",
        },
        "includedInDataCatalog": {"@type": "DataCatalog", "@id": f"{root}catalog", "url": root},
        "distribution": [
            {
                "@type": "DataDownload",
                "@id": f"{root}{release.path}{file.record.path}#dist",
                "name": f"{file.table.title.en} ({file.form.title})",
                "contentUrl": f"{root}{release.path}{file.record.path}",
                "encodingFormat": file.record.media_type.partition(";")[0],
                "contentSize": f"{file.record.bytes} B",
                "sha256": file.record.sha256,
            }
            for file in table_files(release.files)
        ],
        "variableMeasured": _variables(release),
    }


def data_catalog(
    releases: Sequence[Description], publisher: Publisher, root: str
) -> dict[str, object]:
    """Return the JSON-LD of the service as a catalogue of its releases.

    Args:
        releases: Those that can be read.
        publisher: Who publishes.
        root: Address of the service, ending with a slash.
    """
    return {
        "@context": CONTEXT,
        "@type": "DataCatalog",
        "@id": f"{root}catalog",
        "url": root,
        "name": "CordGraph",
        "description": f"{SERIES_DESCRIPTION.en}\n\n{SERIES_DESCRIPTION.zh}",
        "publisher": {"@type": "Organization", "name": publisher.name, "url": root},
        "inLanguage": ["en", "zh"],
        "isAccessibleForFree": True,
        "dataset": [
            {
                "@type": "Dataset",
                "@id": f"{root}{release.path}#dataset",
                **_named(release.title, release.description),
                "url": root + release.path,
                "license": release.licence.url,
            }
            for release in releases
        ],
    }


def embedded(described: dict[str, object]) -> str:
    """Return the element that holds JSON-LD in a page; nothing in it ends the element."""
    plain = json.dumps(described, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{plain}</script>\n'


def about(release: Description, publisher: Publisher, root: str) -> dict[str, object]:
    """Return what schema.org and Croissant say of a release in the same words."""
    agent = {"@type": "Organization", "name": publisher.name, "url": root}
    said: dict[str, object] = {
        "url": root + release.path,
        "identifier": release.identifier,
        "version": str(release.number),
        "datePublished": release.published.strftime("%Y-%m-%d"),
        "dateModified": release.modified.strftime("%Y-%m-%d"),
        "license": release.licence.url,
        "creator": agent,
        "publisher": agent,
        "keywords": [keyword.en for keyword in KEYWORDS],
        "inLanguage": ["en", "zh"],
        "isAccessibleForFree": True,
        "spatialCoverage": {"@type": "Country", "name": "China"},
    }
    if release.period is not None:
        said["temporalCoverage"] = f"{release.period.first}/{release.period.last}"
    if release.is_withdrawn:
        said["creativeWorkStatus"] = "Withdrawn"
    return said


def _named(title: Text, description: Text) -> dict[str, str]:
    """Return what search engines want as plain texts, not as one for each language."""
    return {
        "name": title.en,
        "alternateName": title.zh,
        "description": f"{description.en}\n\n{description.zh}",
    }


def _variables(release: Description) -> list[dict[str, str]]:
    """Return the columns of the units, which is what people search for."""
    tables = {file.table.name: file.table for file in table_files(release.files)}
    if "units" not in tables:
        return []
    return [
        {
            "@type": "PropertyValue",
            "name": column.name,
            "alternateName": column.title.zh,
            "description": column.description.en,
            **({"unitText": column.unit} if column.unit else {}),
        }
        for column in tables["units"].columns
    ]
