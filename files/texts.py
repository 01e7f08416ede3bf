"""The texts for people in the folder of a release, made from what its other files say."""

from collections.abc import Callable, Mapping

from domain.licences import licence_terms
from domain.published_tables import TABLES
from domain.tables import Table
from files.layout import CHANGES, LICENCE, README
from files.release_document import ReleaseDocument

_README = """\
# CordGraph release {number}{made_up}

Open data on stored units of umbilical cord blood: {units:,} units of {banks} banks, published
{published}. This folder is complete by itself and never changes.

第{number}次发布:{banks}家脐血库的{units:,}份脐带血单位。本文件夹内容完整,永不更改。

## Tables

Each table is there as Parquet, CSV and JSON Lines; the three hold the same rows in the same order.
`batches/{number}/` holds only the units that this release added.

{tables}
## Check it

```sh
sha256sum -c SHA256SUMS
minisign -Vm SHA256SUMS -p minisign.pub
cordgraph verify .
```

Compare `minisign.pub` with the key that the publisher shows elsewhere. `manifest.json` lists every
file and names the release before this one.

## Licence

{licence}
"""

_TABLE = """\
### {name}

{description}

| column | type | unit | meaning |
|---|---|---|---|
{columns}
"""

_LICENCE = """\
The data in this folder are licensed under

    {name} ({spdx})
    {url}

Attribution: CordGraph, release {number}.
"""

_CHANGES = """\
# What release {number} changed

- {added:,} units were added, in {classes:,} classes of published values.
- {withdrawn:,} units of earlier releases are left out.
- {total:,} units of {banks} banks in all.
- Scheme {scheme}, k = {k}; the smallest class has {smallest} units.
{reference}
Units never change: whoever has the release before adds `batches/{number}/` and takes out the
classes that `release.json` names in `withdrawn_classes` with `"withdrawn": {number}`.
"""


def release_texts(document: ReleaseDocument, classes_added: int) -> Mapping[str, bytes]:
    """Return the texts of a release by path.

    Args:
        document: What ``release.json`` says.
        classes_added: How many batch classes the release added.
    """
    makers: dict[str, Callable[[], str]] = {
        README: lambda: _readme(document),
        LICENCE: lambda: _licence(document),
        CHANGES: lambda: _changes(document, classes_added),
    }
    return {path: make().encode() for path, make in makers.items()}


def _readme(document: ReleaseDocument) -> str:
    row = document.row
    terms = licence_terms(row.licence)
    return _README.format(
        number=row.number,
        made_up=" (synthetic data: nothing in it is real)" if row.synthetic else "",
        units=row.unit_count,
        banks=row.bank_count,
        published=f"{row.published_at:%Y-%m-%d}",
        tables="\n".join(map(_table, TABLES)),
        licence=f"[{terms.name_en}]({terms.url}) ({terms.spdx}).",
    )


def _table(table: Table) -> str:
    lines = (
        f"| `{column.name}` | {column.kind.value}{', may be absent' if column.nullable else ''} "
        f"| {column.unit or ''} | {column.description.en} |"
        for column in table.columns
    )
    return _TABLE.format(
        name=table.name, description=table.description.en, columns="\n".join(lines)
    )


def _licence(document: ReleaseDocument) -> str:
    terms = licence_terms(document.row.licence)
    return _LICENCE.format(
        name=terms.name_en, spdx=terms.spdx, url=terms.url, number=document.release
    )


def _changes(document: ReleaseDocument, classes_added: int) -> str:
    row = document.row
    scheme = next(scheme for scheme in document.schemes if scheme.number == row.scheme)
    new = [
        (name, [entry.code for entry in entries if entry.since == row.number])
        for name, entries in (("Banks", document.banks), ("Indications", document.indications))
    ]
    return _CHANGES.format(
        number=row.number,
        added=row.added_unit_count,
        classes=classes_added,
        withdrawn=row.withdrawn_unit_count,
        total=row.unit_count,
        banks=row.bank_count,
        scheme=row.scheme,
        k=scheme.k,
        smallest=row.smallest_class,
        reference="".join(
            f"- {name} that are new or described anew: {', '.join(codes)}.\n"
            for name, codes in new
            if codes
        ),
    )
