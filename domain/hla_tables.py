"""The published tables of HLA frequencies."""

from domain.activity_tables import AS_OF, NATION, NORTH, SOUTH
from domain.tables import Allowed, Column, Kind, Table, Text

_LOCUS = Column(
    "locus",
    Kind.TEXT,
    Text("Locus", "基因座"),
    Text("HLA locus.", "HLA基因座。"),
    allowed=tuple(
        Allowed(locus, Text(f"HLA-{locus}.", f"HLA-{locus}基因座。"))
        for locus in ("A", "B", "C", "DRB1", "DQB1")
    ),
)
_REGION = Column(
    "region",
    Kind.TEXT,
    Text("Banks", "脐血库范围"),
    Text("Banks whose units are counted.", "计入哪些脐血库的单位。"),
    allowed=(NORTH, SOUTH, NATION),
)

HLA_TABLES = Table(
    name="hla_tables",
    title=Text("Tables of HLA frequencies", "HLA频率表"),
    description=Text(
        "One row for each locus and region for which the release tells frequencies, with what they "
        "are made of. None: the release tells none.",
        "本次发布给出频率的每个基因座和范围一行,并给出统计基数。无行:本次发布不含频率。",
    ),
    columns=(
        _LOCUS,
        _REGION,
        Column(
            "published_units",
            Kind.INTEGER,
            Text("Published units", "已发布单位数"),
            Text("Units that the release counted for holds there.", "所统计发布在该范围的单位数。"),
            unit="units",
        ),
        Column(
            "typed_units",
            Kind.INTEGER,
            Text("Typed units", "已分型单位数"),
            Text(
                "Units of which both values at the locus are known, rounded down to a multiple of "
                "20 in each part of the nation.",
                "该基因座两个取值均已知的单位数,各大区向下取整至20的倍数。",
            ),
            unit="units",
        ),
        AS_OF,
    ),
    key=("locus", "region"),
)

HLA_FREQUENCIES = Table(
    name="hla_frequencies",
    title=Text("HLA frequencies", "HLA频率"),
    description=Text(
        "One row for each group of alleles (first field) that is shown at a locus in a region, and "
        "one, OTHER, for all that are not. At least 20 units stand behind each row.",
        "每个基因座和范围内所示的每个等位基因组(第一字段)一行,其余合并为OTHER一行。每行至少代表"
        "二十个单位。",
    ),
    columns=(
        _LOCUS,
        _REGION,
        Column(
            "hla_group",
            Kind.TEXT,
            Text("Group of alleles", "等位基因组"),
            Text(
                "First field of the alleles, such as 02; OTHER: all that are not shown.",
                "等位基因的第一字段,如02;OTHER:未单独列出的全部。",
            ),
            pattern="[0-9]{2,4}|OTHER",
        ),
        Column(
            "units",
            Kind.INTEGER,
            Text("Units", "单位数"),
            Text(
                "Units that carry the group; of OTHER, rounded down to a multiple of 20.",
                "携带该组的单位数;OTHER向下取整至20的倍数。",
            ),
            unit="units",
        ),
        Column(
            "copies",
            Kind.INTEGER,
            Text("Copies", "拷贝数"),
            Text(
                "Units and, once more, those that carry the group twice, of which the number is "
                "rounded to a multiple of 40. Absent for OTHER.",
                "单位数加上携带两份该组的单位数(后者取整至40的倍数)。OTHER为空值。",
            ),
            nullable=True,
            unit="copies",
        ),
        Column(
            "frequency",
            Kind.NUMBER,
            Text("Frequency", "频率"),
            Text(
                "Share of all copies at the locus, from 0 to 1.", "占该基因座全部拷贝的比例,0到1。"
            ),
        ),
        AS_OF,
    ),
    key=("locus", "region", "hla_group"),
)
