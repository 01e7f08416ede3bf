"""What an HLA typing says, in which ways it may be written, and why others are refused."""

import pytest

from domain.first_fields import FIRST_FIELDS
from publishing.intake.faults import Code
from publishing.intake.hla import Method, Normal, donation_key, normal_form, typed_value
from publishing.intake.hla_codes import ANTIGENS, PREFIXES
from publishing.intake.rules import RuleBrokenError


@pytest.mark.parametrize(
    ("locus", "text", "value"),
    [
        ("A", "11", "11"),
        ("A", "11:01", "11:01"),
        ("A", "*11:01", "11:01"),
        ("A", "A*11:01", "11:01"),
        ("A", "HLA-A*11:01", "11:01"),
        ("A", "02:1004", "02:1004"),
        ("A", "02:01:01:02L", "02:01"),
        ("A", "24:09N", "24:09"),
        ("A", "24:02:01:02Q", "24:02"),
        ("B", "44:02:01:02S", "44:02"),
        ("A", "30:14L", "30:14"),
        ("B", "13:07C", "13:07"),
        ("DRB1", "HLA-DRB1*09:01:02G", "09"),
        ("DRB1", "09:01P", "09"),
        ("A", "02:XX", "02"),
        ("B", "15:AEBX", "15"),
        ("B", "B*15:AB", "15"),
        ("A", "02:01/02:07", "02"),
        ("A", "02:01/02:01:01", "02:01"),
        ("A", "A*02:01/A*02:06", "02"),
        ("A", "02:01P/02:07P", "02"),
        ("A", "02:01/24:02", None),
        ("DRB4", "NNNN", None),
        ("DPB1", "105:01", "105:01"),
        ("DPB1", "1001:01", "1001:01"),
        ("DPA1", "02:02", "02:02"),
    ],
)
def test_alleles_groups_codes_and_lists_are_read(locus: str, text: str, value: str | None) -> None:
    """One protein is told from a group of them; what leaves the first field open says nothing."""
    assert typed_value(locus, "DNA", text) == value


@pytest.mark.parametrize(
    ("locus", "text", "value"),
    [
        ("A", "2", "02"),
        ("A", "A2", "02"),
        ("A", "2403", "24"),
        ("A", "9", None),
        ("B", "62", "15"),
        ("B", "B60", "40"),
        ("B", "15", "15"),
        ("B", "17", None),
        ("C", "Cw9", "03"),
        ("C", "C7", "07"),
        ("DRB1", "DR17", "03"),
        ("DRB1", "2", None),
        ("DRB1", "103", "01"),
        ("DQB1", "DQ7", "03"),
        ("DQB1", "1", None),
    ],
)
def test_antigens_name_the_first_field_of_their_alleles(
    locus: str, text: str, value: str | None
) -> None:
    """Splits and associated antigens name one group; broad ones over several groups name none."""
    assert typed_value(locus, "SER", text) == value


@pytest.mark.parametrize(
    ("locus", "method", "text", "code", "words"),
    [
        ("A", "DNA", "B*46:01", Code.HLA_LOCUS, "an allele of A"),
        ("DRB1", "DNA", "DRB3*01:01", Code.HLA_LOCUS, "an allele of DRB1"),
        ("A", "DNA", "99:01", Code.HLA_UNKNOWN, "a first field of A: 01, 02, 03, 11"),
        ("A", "DNA", "02:01/99:01", Code.HLA_UNKNOWN, "a first field of A"),
        ("DRB1", "DNA", "02:XX", Code.HLA_UNKNOWN, "a first field of DRB1"),
        ("A", "DNA", "0201", Code.HLA_FORM, "colons"),
        ("A", "DNA", "02XX", Code.HLA_FORM, "colons"),
        ("A", "DNA", "02:01:01:01:01", Code.HLA_FORM, "at most four fields"),
        ("A", "DNA", "2:01", Code.HLA_FORM, "an allele (02:01"),
        ("A", "DNA", "02:1", Code.HLA_FORM, "an allele (02:01"),
        ("A", "DNA", "02:01G", Code.HLA_FORM, "02:01:01G with three fields"),
        ("A", "DNA", "02:01:01P", Code.HLA_FORM, "02:01P with two"),
        ("A", "DNA", "02:01X", Code.HLA_FORM, "N, L, S, C, A or Q"),
        ("A", "DNA", "02:01n", Code.HLA_FORM, "N, L, S, C, A or Q"),
        ("A", "DNA", "02:ABCDEF", Code.HLA_FORM, "multiple allele code"),
        ("A", "DNA", "02:XX:01", Code.HLA_FORM, "02:XX"),
        ("A", "DNA", "A2", Code.HLA_FORM, "an allele"),
        ("A", "DNA", "NNNN", Code.HLA_FORM, "an allele"),
        ("A", "DNA", "02:01//02:07", Code.HLA_FORM, "an allele"),
        ("A", "DNA", "02:01/02:XX", Code.HLA_MIXED, "no group or code"),
        ("A", "DNA", "02:01/24", Code.HLA_MIXED, "two fields or more"),
        ("B", "SER", "A2", Code.HLA_LOCUS, "an antigen of B"),
        ("C", "SER", "12", Code.HLA_UNKNOWN, "an antigen that C has"),
        ("B", "SER", "6", Code.HLA_UNKNOWN, "an antigen that B has"),
        ("DRB1", "SER", "DR52", Code.HLA_UNKNOWN, "an antigen that DRB1 has"),
        ("DPB1", "SER", "1", Code.HLA_UNKNOWN, "DPB1 has no serology"),
        ("C", "SER", "Cw", Code.HLA_FORM, "such as Cw7 or 7"),
        ("A", "SER", "02", Code.HLA_FORM, "the number of an antigen"),
    ],
)
def test_what_no_laboratory_can_mean_is_refused(
    locus: str, method: Method, text: str, code: Code, words: str
) -> None:
    """The code tells what kind of fault it is, the sentence what would be right."""
    with pytest.raises(RuleBrokenError) as broken:
        typed_value(locus, method, text)

    assert broken.value.code is code
    assert words in broken.value.message


def test_homozygous_is_not_untested() -> None:
    """A value given twice stays twice; a blank one stays open; what was not typed is not there."""
    assert normal_form(
        {
            "A": {"DNA": ["24:02", "11:01:01G"]},
            "B": {"DNA": ["46:01", "46:01"]},
            "C": {"DNA": ["01:02", None]},
            "DQB1": {"SER": ["1", "7"]},
            "DPB1": {"DNA": ["105:01", "02:01"]},
        }
    ) == {
        "A": ("11", "24:02"),
        "B": ("46:01", "46:01"),
        "C": ("01:02", None),
        "DQB1": ("03", None),
    }


def test_alleles_count_where_antigens_are_given_too() -> None:
    """Of a locus with both, the alleles say more."""
    both: dict[Method, list[str | None]] = {"SER": ["62", "46"], "DNA": ["46:01", "15:XX"]}

    assert normal_form({"B": both}) == {"B": ("15", "46:01")}


@pytest.mark.parametrize(
    ("normal", "key"),
    [
        ({"A": ("11:01", "24"), "B": ("46", "46"), "DRB1": ("09", None)}, "11,24 46 09"),
        ({"A": ("11", "24:02"), "B": ("46", None), "DRB1": ("09:01", "09:02")}, "11,24 46 09"),
        ({"A": ("11", None), "B": ("46", None), "DRB1": (None, None)}, None),
        ({"A": ("11", None), "B": ("46", None)}, None),
        ({}, None),
    ],
)
def test_the_key_holds_the_groups_of_three_loci(normal: Normal, key: str | None) -> None:
    """However finely they were typed; without one of the loci there is no key at all."""
    assert donation_key(normal) == key


def test_every_antigen_is_one_of_alleles_that_exist() -> None:
    """The table of antigens names no first field that its locus lacks."""
    assert ANTIGENS.keys() == PREFIXES.keys()
    for locus, antigens in ANTIGENS.items():
        assert {field for fields in antigens.values() for field in fields} <= FIRST_FIELDS[locus]
