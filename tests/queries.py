"""Makes valid documents at random from a schema, with arguments that mean something."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
)

_IDS = ("bnk_BJ", "bnk_GD", "bnk_ZZ", "rel_1", "rel_3", "ind_AML", "cbu_00000000000000000000")
_VALUES: dict[str, Sequence[Any]] = {
    "id": _IDS,
    "code": ("BJ", "GD", "AML"),
    "number": (1, 2, 3),
    "release": (1, 2, 3),
    "region": ("CN-BJ",),
    "search": ("a",),
    "fromYear": (2019, 2022),
    "toYear": (2022, 2024),
    "weightKg": (2.5, 30, 41.7, 0.3),
    "minimumTncPerKg": (3.0e7, 2.5e7),
    "minimumCd34PerKg": (1.5e5,),
    "a": (["02", "11"], ["33", "33"], ["99", "11"]),
    "b": (["46", "58"], ["13", "13"]),
    "drb1": (["09", "15"], ["07", "07"]),
}
_DOSES = ("{cellDose: {weightKg: 30, reach: POSSIBLE}}", "{cellDose: {weightKg: 0}}")
"""Filters of versions that know doses; the second is refused."""
_FILTERS = ('{bank: ["BJ"]}', "{tncAtLeast: 8.0}", "{aboGroup: [O, AB]}", "{}")
_SIZES = (0, 1, 2, 3, 5, 20, 100)
_LEFT_OUT = ("after", "before", "includeDeprecated", "name", "group")


@dataclass
class Query:
    """A document and its variables.

    Attributes:
        text: The document, with one operation.
        variables: Values of some of its variables.
    """

    text: str
    variables: dict[str, Any] = field(default_factory=dict)


class QueryMaker:
    """Makes one document; ``seed`` decides everything about it."""

    def __init__(self, schema: GraphQLSchema, seed: int, depth: int = 6) -> None:
        self._schema = schema
        self._random = random.Random(seed)
        self._depth = depth
        self._names = 0
        self._declared: list[str] = []
        self._variables: dict[str, Any] = {}
        self._fragments: list[str] = []

    def make(self) -> Query:
        """Return the document."""
        root = self._schema.query_type
        assert root is not None
        selection = self._selection(root, self._depth)
        declared = f"({' '.join(self._declared)})" if self._declared else ""
        text = " ".join([f"query {declared} {selection}", *self._fragments])
        return Query(text, self._variables)

    def make_list(self, key: str) -> Query:
        """Return a document that selects the ``nodes`` or ``edges`` of all units of a filter."""
        root = self._schema.query_type
        assert root is not None
        units = root.fields["units"]
        arguments = [
            f"{name}: {self._value(name, units.args[name])}"
            for name in ("release", "filter", "orderBy")
            if self._random.random() < 0.6
        ]
        shown = f"({', '.join(arguments)})" if arguments else ""
        list_type = get_named_type(units.type)
        assert isinstance(list_type, GraphQLObjectType)
        item = get_named_type(list_type.fields[key].type)
        selection = self._selection(item, self._depth)
        declared = f"({' '.join(self._declared)})" if self._declared else ""
        list_ = f"{{ units{shown} {{ {key} {selection} }} }}"
        return Query(" ".join([f"query {declared} {list_}", *self._fragments]), self._variables)

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        parts = [self._part(type_, depth) for _ in range(self._random.randint(1, 3))]
        if self._random.random() < 0.2:
            parts.append(self._random.choice(parts))  # execution merges it with the first
        return "{ __typename " + " ".join(parts) + " }"

    def _part(self, type_: GraphQLNamedType, depth: int) -> str:
        chance = self._random.random()
        if depth > 1 and chance < 0.15:
            inner = self._inner(type_)
            return f"... on {inner.name} {self._condition()} {self._selection(inner, depth - 1)}"
        if depth > 1 and chance < 0.25:
            inner, name = self._inner(type_), self._name("F")
            body = self._selection(inner, depth - 1)
            self._fragments.append(f"fragment {name} on {inner.name} {body}")
            return f"...{name} {self._condition()}"
        return self._field(type_, depth)

    def _inner(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        if is_abstract_type(type_):
            return self._random.choice(self._schema.get_possible_types(type_))
        return type_

    def _field(self, type_: GraphQLNamedType, depth: int) -> str:
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        fields = {
            name: each
            for name, each in type_.fields.items()
            if depth > 1 or is_leaf_type(get_named_type(each.type))
        }
        if not fields:
            return "__typename"
        name = self._random.choice(list(fields))
        inner = get_named_type(fields[name].type)
        below = "" if is_leaf_type(inner) else self._selection(inner, depth - 1)
        arguments = self._arguments(fields[name])
        return f"{self._name('a')}: {name}{arguments} {self._condition()} {below}"

    def _arguments(self, field_: GraphQLField) -> str:
        given = {}
        for name, argument in field_.args.items():
            if name in _LEFT_OUT or (name == "last" and "first" in given):
                continue
            if is_non_null_type(argument.type) or self._random.random() < 0.6:
                given[name] = self._value(name, argument)
        return f"({', '.join(f'{n}: {v}' for n, v in given.items())})" if given else ""

    def _value(self, name: str, argument: GraphQLArgument) -> str:
        inner = get_named_type(argument.type)
        if name == "groupBy":
            assert isinstance(inner, GraphQLEnumType)
            chosen = self._random.sample(sorted(inner.values), self._random.randint(0, 2))
            return f"[{' '.join(chosen)}]"
        if isinstance(inner, GraphQLEnumType):
            return str(self._random.choice(sorted(inner.values)))
        if name in ("first", "last"):
            return self._size()
        if name == "filter":
            assert isinstance(inner, GraphQLInputObjectType)
            known = _FILTERS + (_DOSES if "cellDose" in inner.fields else ())
            return self._random.choice(known)
        if name == "ids":
            return "[" + " ".join(f'"{each}"' for each in self._random.choices(_IDS, k=4)) + "]"
        return json.dumps(self._random.choice(_VALUES[name]))

    def _size(self) -> str:
        size = self._random.choice(_SIZES)
        if self._random.random() < 0.5:
            return str(size)
        name = self._name("v")
        default = f" = {self._random.choice(_SIZES)}" if self._random.random() < 0.5 else ""
        self._declared.append(f"${name}: Int{default}")
        if self._random.random() < 0.7:
            self._variables[name] = self._random.choice([size, size, None])
        return f"${name}"

    def _condition(self) -> str:
        if self._random.random() < 0.85:
            return ""
        directive = self._random.choice(["skip", "include"])
        if self._random.random() < 0.5:
            return f"@{directive}(if: {self._random.choice(['true', 'false'])})"
        name = self._name("v")
        self._declared.append(f"${name}: Boolean! = {self._random.choice(['true', 'false'])}")
        if self._random.random() < 0.5:
            self._variables[name] = self._random.random() < 0.5
        return f"@{directive}(if: ${name})"

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"
