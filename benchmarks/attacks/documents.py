"""Documents that are hard to read: long, deep, repetitive or wrong."""

from collections.abc import Iterator

from graphql import get_introspection_query

from benchmarks.attacks.request import HostileRequest, asking


def reading() -> Iterator[HostileRequest]:
    """Yield requests whose documents take long to parse, limit or validate."""
    for number, (name, document) in enumerate(_all()):
        yield asking("document", name, document)
        if number % 4 == 0:
            yield asking("compat", name, document, path="/compat")
            yield asking("cost", name, document, path="/cost")


def _all() -> Iterator[tuple[str, str]]:
    yield from _repetitions()
    yield from _fragments()
    yield from _text()
    yield from _wrong()
    yield from _values()
    yield from _definitions()
    yield from _introspection()


def _units(selection: str) -> str:
    return f"{{units{{nodes{{{selection}}}}}}}"


def _repetitions() -> Iterator[tuple[str, str]]:
    for times in (50, 100, 300, 900, 990, 3_000, 9_000):
        yield f"one leaf {times} times", _units("id " * times)
    for times in (40, 80, 160, 300, 490):
        yield f"one object {times} times", _units("tnc{min} " * times)
    for times in (5, 15, 40, 80):
        nested = "bank{units{nodes{bank{units{nodes{bank{code}}}}}}} "
        yield f"deep object {times} times", _units(nested * times)
        yield f"inline fragment {times} times", _units("...on Node{id ...{id}}" * times)
    for aliases in (20, 30, 31, 1_000, 5_000):
        yield f"{aliases} aliases", "{" + " ".join(f"a{n}:__typename" for n in range(aliases)) + "}"
    for depth in (10, 15, 16, 100, 190, 250, 3_000):
        yield f"depth {depth}", "{a" * depth + "}" * depth
        yield f"inline depth {depth}", "{" + "...{" * depth + "id" + "}" * depth + "}"
    for count in (49, 50, 51, 500, 9_000):
        yield f"{count} directives", "{__typename " + "@include(if:true) " * count + "}"
        yield f"{count} unknown directives", "{__typename " + "@x " * count + "}"
    for size in (5, 18, 60):
        fields = "previous{number digest title}" * size
        yield f"{size} conflicts", "{" + f"release{{{fields} a:number a:digest}}" * 9 + "}"


def _fragments() -> Iterator[tuple[str, str]]:
    for count in (5, 12, 20, 26, 29):
        for times in (2, 3):
            spreads = [
                f"fragment f{n} on CordBloodUnit{{id {f'...f{n + 1} ' * times}}}"
                for n in range(count)
            ]
            last = f"fragment f{count} on CordBloodUnit{{tnc{{min}}}}"
            yield f"{count} fragments {times}-fold", " ".join([_units("...f0"), *spreads, last])
        laughs = [
            f"fragment f{n} on Bank{{a:units{{nodes{{bank{{...f{n + 1}}}}}}}"
            f" b:units{{nodes{{bank{{...f{n + 1}}}}}}}}}"
            for n in range(count)
        ]
        last = f"fragment f{count} on Bank{{code}}"
        yield f"{count} laughs", " ".join(['{bank(code:"BJ"){...f0}}', *laughs, last])
        spread = "".join(f"...f{n} " for n in range(count))
        wide = [
            f"fragment f{n} on CordBloodUnit{{id tnc{{min max}} bank{{code city}}}}"
            for n in range(count)
        ]
        yield f"{count} fragments side by side", " ".join([_units(spread), *wide])
        rings = [f"fragment f{n} on CordBloodUnit{{...f{(n + 1) % count}}}" for n in range(count)]
        yield f"ring of {count}", " ".join([_units("...f0"), *rings])
        unused = [f"fragment f{n} on CordBloodUnit{{{'id ' * 50}}}" for n in range(count)]
        yield f"{count} unused", " ".join(["{__typename}", *unused])
        operations = [f"query q{n}($a:ID!){{node(id:$a){{...f0}}}}" for n in range(20)]
        chain = [
            f"fragment f{n} on Node{{id ...f{n + 1} ...on Bank{{units(after:$a){{totalCount}}}}}}"
            for n in range(count)
        ]
        last = f"fragment f{count} on Node{{id}}"
        yield f"20 operations over {count}", " ".join([*operations, *chain, last])
    yield "unknown fragment", "{...Nope}"
    yield "itself", "{...F} fragment F on Query{...F}"


def _text() -> Iterator[tuple[str, str]]:
    for size in (1_000, 20_000, 60_000, 95_000):
        yield f"{size} commas", "{__typename" + "," * size + "}"
        yield f"{size} new lines", "{__typename" + "\n" * (size // 2) + "}"
        yield f"comment of {size}", "{__typename #" + "c" * size + "\n}"
        yield f"name of {size}", "{" + "z" * size + "}"
        yield f"alias of {size}", "{" + "z" * size + ":__typename}"
        yield f"string of {size}", f'{{node(id:"{"A" * size}"){{id}}}}'
        yield f"escapes of {size}", f'{{node(id:"{chr(92)}u0041{"A" * size}"){{id}}}}'
        yield f"block string of {size}", '{node(id:"""' + "\n a" * (size // 4) + '"""){id}}'
        yield f"number of {size}", f"{{units(first:{'9' * size}){{totalCount}}}}"
    for count in (200, 201, 9_000):
        yield f"{count} comments", "{__typename \n" + "#\n" * count + "}"
    for count in (1_990, 2_010, 20_000):
        yield f"{count} tokens", "{" + "a " * count + "}"
    yield "control characters", "{__type\u0007name}"
    yield "byte order marks", "\ufeff" * 500 + "{__typename}"


def _wrong() -> Iterator[tuple[str, str]]:
    for count in (20, 300, 900):
        yield f"{count} unknown fields", _units(" ".join(f"zz{n}" for n in range(count)))
        yield (
            f"{count} nearly right fields",
            _units(" ".join(f"colectionPeriod{n % 9}" for n in range(count))),
        )
        arguments = " ".join(f"zz{n}:1" for n in range(count // 2))
        yield f"{count} unknown arguments", f"{{units({arguments}){{totalCount}}}}"
        yield f"{count} times one argument", f"{{units({'first:1 ' * (count // 2)}){{totalCount}}}}"
        values = " ".join(f"$v{n}:Int=1" for n in range(count // 5))
        yield f"{count} unused variables", f"query({values}){{__typename}}"
        used = " ".join(f"a{n}:units(first:$x{n}){{totalCount}}" for n in range(min(count, 30)))
        yield f"{count} unknown variables", f"{{{used}}}"
        uses = "a:units(first:$x){totalCount} " * min(count, 30)
        yield f"{count} wrong uses", f"query($x:String){{{uses}}}"
    for levels in (5, 90, 180, 900):
        yield f"type of {levels} lists", f"query($a:{'[' * levels}Int{']' * levels}){{__typename}}"
    yield "no text", " "
    yield "only a brace", "{"
    yield "long words with suggestions", _units("collectionPeriod" * 3_000)


def _values() -> Iterator[tuple[str, str]]:
    for count in (50, 100, 200, 201, 5_000):
        banks = ",".join('"BJ"' for _ in range(count))
        yield f"{count} banks", f"{{units(filter:{{bank:[{banks}]}}){{totalCount}}}}"
        groups = " ".join("ABX" for _ in range(count))
        yield f"{count} wrong enums", f"{{units(filter:{{aboGroup:[{groups}]}}){{totalCount}}}}"
        ids = " ".join(f'"cbu_{n:020x}"' for n in range(min(count, 2_000)))
        yield f"{count} ids", f"{{nodes(ids:[{ids}]){{id}}}}"
        fields = " ".join(f"zz{n}:1" for n in range(min(count, 900)))
        yield f"{count} wrong conditions", f"{{units(filter:{{{fields}}}){{totalCount}}}}"
        yield f"{count} nested lists", f"{{nodes(ids:{'[' * count}{']' * count}){{id}}}}"
        objects = "{tncAtLeast:" * count + "1" + "}" * count
        yield f"{count} nested objects", f"{{units(filter:{objects}){{totalCount}}}}"
    ninety = ",".join('"BJ"' for _ in range(90))
    lists = " ".join(f"a{n}:units(filter:{{bank:[{ninety}]}}){{totalCount}}" for n in range(9))
    yield "9 long lists", f"{{{lists}}}"


def _definitions() -> Iterator[tuple[str, str]]:
    for count in (1, 100, 400):
        yield f"{count} types", " ".join(f"type T{n}{{a(b:Int=1):Int}}" for n in range(count))
        yield (
            f"{count} extensions",
            " ".join(f"extend type Query{{a{n}:Int}}" for n in range(count)),
        )
        yield (
            f"{count} new directives",
            " ".join(f"directive @d{n}(a:Int) on FIELD" for n in range(count)),
        )
        yield f"{count} operations", " ".join(f"query q{n}{{__typename}}" for n in range(count))
        yield f"{count} namesakes", "query q{__typename}" * count
        yield f"{count} nameless", "{__typename}" * count
    for keyword in ("mutation", "subscription"):
        yield keyword, f"{keyword} {{a}}"


def _introspection() -> Iterator[tuple[str, str]]:
    everything = get_introspection_query()
    yield "introspection", everything
    inner = everything.partition("{")[2].rpartition("}")[0]
    yield "introspection without name", "{" + inner.partition("fragment")[0]
    for count in (2, 5, 19, 30, 100):
        types = "types{name description fields{name description type{name ofType{name}}}}"
        aliases = " ".join(f"a{n}:__schema{{{types}}}" for n in range(count))
        yield f"{count} schemas", f"{{{aliases}}}"
    for depth in (2, 5, 10, 100):
        loop = "fields{type{" * depth + "name" + "}}" * depth
        yield f"loop of {depth} fields", f'{{__type(name:"Query"){{{loop}}}}}'
        chain = "ofType{" * depth + "name" + "}" * depth
        yield f"chain of {depth} wrappers", f'{{__type(name:"Query"){{{chain}}}}}'
        near = "possibleTypes{interfaces{" * depth + "name" + "}}" * depth
        yield f"loop of {depth} interfaces", f'{{__type(name:"Node"){{{near}}}}}'
