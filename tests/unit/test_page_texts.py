"""The words of the pages: the same in every language, and all that there must be."""

import re
import string

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType

from api.pages.guides import GROUPS
from api.pages.language import Language
from api.pages.library import documents
from api.pages.texts import flat, texts
from schema.build import build_schema
from schema.example import Audience
from schema.versions import VERSIONS, VersionStatus

_LINK = re.compile(r"\]\(([^)]+)\)")


def _names(language: Language) -> dict[str, str]:
    return dict(flat(texts(language)))


def _holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_text_is_missing_in_any_language() -> None:
    """Both have the same names, and each has words."""
    english, chinese = _names(Language.EN), _names(Language.ZH)
    assert english.keys() == chinese.keys()
    assert [name for name, text in [*english.items(), *chinese.items()] if not text.strip()] == []


def test_texts_take_the_same_values_and_lead_to_the_same_places() -> None:
    """What is filled in is named alike, and links are the same but to texts of law."""
    english, chinese = _names(Language.EN), _names(Language.ZH)
    for name, text in english.items():
        assert _holes(text) == _holes(chinese[name]), name
        ours = [
            [link for link in _LINK.findall(each) if link[0] in "/#"]
            for each in (text, chinese[name])
        ]
        assert ours[0] == ours[1], name


def test_chinese_texts_are_chinese() -> None:
    """But for names that are the same everywhere."""
    same = {name for name, text in _names(Language.EN).items() if text == _names(Language.ZH)[name]}
    assert same == {"site.name", "guides.names.http.title", "release.cite.name"}


@pytest.mark.parametrize("language", Language)
def test_everything_that_has_a_name_has_one_in_the_language(language: Language) -> None:
    """Limits, states of versions and releases, groups, audiences and guides."""
    found = texts(language)
    types = build_schema(VERSIONS.newest.name)._schema.type_map
    limits = types["Limits"]
    assert isinstance(limits, GraphQLObjectType)
    assert found["limits"]["names"].keys() == limits.fields.keys()
    for table, name in (
        (found["releases"]["states"], "ReleaseState"),
        (found["indications"]["groups"], "IndicationGroup"),
        (found["sources"], "SourceStatus"),
        (found["release"]["anonymity"]["verdicts"], "Verdict"),
        (found["versions"]["states"], "VersionStatus"),
    ):
        enum = types[name]
        assert isinstance(enum, GraphQLEnumType)
        assert table.keys() == enum.values.keys()
    assert found["versions"]["meanings"].keys() == {each.name for each in VersionStatus}
    assert found["examples"]["audiences"].keys() == {each.value for each in Audience}


def test_every_guide_is_listed_with_a_name() -> None:
    """The list of guides leaves none out, and names each once."""
    listed = [name for group in GROUPS.values() for name in group]
    hint = "add it to GROUPS in api/pages/guides.py, and below guides.names in both texts"
    assert set(documents("docs")) - set(listed) == set(), hint
    assert sorted(listed) == sorted(documents("docs"))
    for language in Language:
        assert texts(language)["guides"]["names"].keys() == set(listed)
