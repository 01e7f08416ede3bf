"""Documents that are easy to read and ask for as much as they may, or for more."""

from collections.abc import Iterator

from benchmarks.attacks.request import HostileRequest, asking, getting

_UNIT = (
    "id collectionPeriod{from to} aboGroup tnc{min max unit} cd34{min max unit} volume{min max}"
    " processing bank{code name} addedIn{number}"
)
_SIZES: tuple[object, ...] = (
    *(-1, 0, 1, 100, 101, 2**31 - 1, 2**31, 2**63, 1e999),
    *("5", None, [5], {}, True),
)
_DIMENSIONS = ("BANK", "COLLECTION_PERIOD", "ABO_GROUP", "TNC", "CD34", "ADDED_IN")
_CELL = (
    "units bank{code} collectionPeriod{from to} aboGroup tnc{min max} cd34{min max} addedIn{number}"
)


def executing() -> Iterator[HostileRequest]:
    """Yield requests that are heavy to execute if they are let through."""
    for name, document in _all():
        yield asking("execution", name, document)
        if len(document) < 5_000:
            yield getting("execution by GET", name, document)
    for first in _SIZES:
        yield asking(
            "variables",
            f"first {str(first)[:12]}",
            "query($n:Int){units(first:$n){totalCount nodes{id}}}",
            {"n": first},
        )
    yield from _variables()
    yield from _cursors()


def _all() -> Iterator[tuple[str, str]]:
    for count in (1, 3, 5, 9, 15, 20):
        yield f"{count} pages of ids", _aliased(count, "first:100", "nodes{id}")
        yield f"{count} full pages", _aliased(count, "first:100", f"nodes{{{_UNIT}}}")
        yield (
            f"{count} full pages of edges",
            _aliased(
                count,
                "first:50",
                f"edges{{cursor node{{{_UNIT}}}}} nodes{{{_UNIT}}} pageInfo{{endCursor}}",
            ),
        )
        yield f"{count} totals", _aliased(count, "first:0", "totalCount")
        yield f"{count} backward", _aliased(count, "last:100 orderBy:TNC_DESC", "nodes{id}")
        for dimensions in (1, 2, 3, 4, 6):
            chosen = " ".join(_DIMENSIONS[:dimensions])
            for cell in ("units", _CELL):
                yield (
                    f"{count} inventories by {dimensions} {cell[:9]}",
                    _aliased(count, "first:0", f"inventory(groupBy:[{chosen}]){{{cell}}}"),
                )
    for size in (1, 7, 20, 50, 100):
        totals = " ".join(
            f"a{n}:units(first:0,filter:{{tncAtLeast:{n}}}){{totalCount}}"
            for n in range(min(size, 28))
        )
        yield f"totals of banks, {size}", f"{{banks(first:{size}){{nodes{{{totals}}}}}}}"
        yield (
            f"units of banks, {size}",
            f"{{banks(first:{size}){{nodes{{units(first:{size}){{nodes{{{_UNIT}}}}}}}}}}}",
        )
        yield (
            f"banks of units, {size}",
            f"{{units(first:{size}){{nodes{{bank{{units(first:{size}){{nodes{{id}}}}}}}}}}}}",
        )
        yield (
            f"releases of units, {size}",
            f"{{units(first:{size}){{nodes{{addedIn{{previous{{previous{{number units(first:0)"
            "{totalCount}}}}}}}}",
        )
        ids = ",".join(f'"cbu_{n:020x}"' for n in range(size))
        yield f"nodes, {size}", f"{{nodes(ids:[{ids}]){{id ...on CordBloodUnit{{{_UNIT}}}}}}}"
        banks = ",".join('"bnk_BJ"' for n in range(size))
        yield (
            f"units of nodes, {size}",
            f"{{nodes(ids:[{banks}]){{id ...on Bank{{sources{{field citation}}"
            f" units(first:{size}){{nodes{{id}}}}}}}}}}",
        )
    sources = "sources{field status citation}"
    yield (
        "all indications",
        f"{{indications(first:100){{nodes{{name {sources}}} edges{{node{{{sources}}}}}}}}}",
    )
    yield "files of releases", "{releases(first:100){nodes{files{path} anonymity{levels{level}}}}}"


def _aliased(count: int, arguments: str, selection: str) -> str:
    fields = (
        f"f{n}:units({arguments},filter:{{tncAtLeast:{n / 10}}}){{{selection}}}"
        for n in range(count)
    )
    return "{" + " ".join(fields) + "}"


def _variables() -> Iterator[HostileRequest]:
    document = "query($ids:[ID!]!){nodes(ids:$ids){id}}"
    for count in (1, 100, 101, 900, 1_100, 4_000):
        ids = [f"cbu_{n:020x}"[:14] for n in range(count)]
        yield asking("variables", f"{count} ids", document, {"ids": ids})
        undeclared = {f"v{n}": n for n in range(count)}
        yield asking("variables", f"{count} undeclared", "{__typename}", undeclared)
        yield asking("variables", f"{count} nulls", document, {"ids": [None] * count})
    for depth in (9, 10, 11, 500):
        value: object = 1
        for _ in range(depth):
            value = [value]
        yield asking("variables", f"depth {depth}", document, {"ids": value})
    for text in ("\0", "\ud800", "脐" * 9_000, "é" * 60_000, "cbu_" + "0" * 60_000):
        yield asking("variables", f"id {text[:1]!r} {len(text)}", document, {"ids": [text]})
        yield asking(
            "variables",
            f"search {text[:1]!r} {len(text)}",
            "query($s:String){indications(search:$s){totalCount}}",
            {"s": text},
        )
    for number in (1e400, -1e400, 1e308, 5e-324, 10**30, -(10**30), 2**53 + 1):
        yield asking(
            "variables",
            f"number {number:.3g}",
            "query($x:Float,$n:Int){units(filter:{tncAtLeast:$x,collectedFrom:$n}){totalCount}}",
            {"x": number, "n": number},
        )


def _cursors() -> Iterator[HostileRequest]:
    texts = (
        "",
        "-5",
        "1_0",
        "٣",
        "9" * 30,
        "====",
        "dW5pdHNAMS9JRHww",
        "A" * 119,
        "A" * 50_000,
        "\0",
    )
    for text in texts:
        for list_ in ("units", "banks", "releases", "indications"):
            yield asking(
                "cursors",
                f"{list_} after {text[:9]!r} {len(text)}",
                f"query($c:String){{{list_}(after:$c){{totalCount nodes{{id}}}}}}",
                {"c": text},
            )
        yield asking(
            "ids", f"node {text[:9]!r} {len(text)}", "query($c:ID!){node(id:$c){id}}", {"c": text}
        )
