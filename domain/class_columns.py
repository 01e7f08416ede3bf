"""Columns of published values, which units share with the classes that they belong to."""

from domain.tables import Allowed, Column, Kind, Text
from domain.units import AboGroup, ProcessingMethod

_ABSENT = Text(
    " Absent: not published under the scheme of the release that added the unit.",
    "空值表示:按该单位首次发布时的分级方案不公开。",
)
_OPEN = Text(
    " Absent at the open end of the {end} band, where the scheme of the release that added the "
    "unit does not publish the value, and, like the other end, where the bank recorded none.",
    "空值表示:{end}开口区间的该端;或首次发布时的分级方案不公开该值;或(两端皆空)库方未记录。",
)

_ABO = {
    AboGroup.A: Text("Group A.", "A型。"),
    AboGroup.B: Text("Group B.", "B型。"),
    AboGroup.O: Text("Group O.", "O型。"),
    AboGroup.AB: Text("Group AB.", "AB型。"),
    AboGroup.UNKNOWN: Text("The bank recorded no group.", "库方未记录血型。"),
}
_PROCESSING = {
    ProcessingMethod.PLASMA_REDUCED: Text("Plasma was removed.", "去除血浆。"),
    ProcessingMethod.RBC_REDUCED: Text("Red blood cells were removed.", "去除红细胞。"),
    ProcessingMethod.PLASMA_RBC_REDUCED: Text(
        "Plasma and red blood cells were removed.", "去除血浆和红细胞。"
    ),
    ProcessingMethod.BUFFY_COAT: Text(
        "Only the buffy coat (the layer of white cells) was kept.", "仅保留白膜层(白细胞层)。"
    ),
    ProcessingMethod.DENSITY_ENRICHED: Text(
        "Mononuclear cells were enriched by density.", "密度梯度法富集单个核细胞。"
    ),
    ProcessingMethod.NOT_REDUCED: Text("Nothing was removed.", "未去除任何成分。"),
    ProcessingMethod.OTHER: Text("Another method.", "其他方法。"),
    ProcessingMethod.UNKNOWN: Text("The bank recorded no method.", "库方未记录方法。"),
}


def _published(en: str, zh: str) -> Text:
    return Text(en + _ABSENT.en, zh + _ABSENT.zh)


def _ends(name: str, title: Text, about: Text, unit: str) -> tuple[Column, Column]:
    """Return the two columns of a half-open band ``min <= value < max``."""

    def end(suffix: str, word: Text, bound: Text, band: Text) -> Column:
        return Column(
            f"{name}_{suffix}",
            Kind.NUMBER,
            Text(f"{title.en}, {word.en}", f"{title.zh}{word.zh}"),
            Text(
                f"{bound.en} of the band of {about.en}.{_OPEN.en.format(end=band.en)}",
                f"{about.zh}所在区间的{bound.zh}。{_OPEN.zh.format(end=band.zh)}",
            ),
            nullable=True,
            unit=unit,
        )

    return (
        end("min", Text("from", "下限"), Text("Lower end, included,", "下限(含)"), LOWEST),
        end("max", Text("below", "上限"), Text("Upper end, excluded,", "上限(不含)"), HIGHEST),
    )


LOWEST = Text("lowest", "最低的")
HIGHEST = Text("highest", "最高的")

CLASS_COLUMNS: tuple[Column, ...] = (
    Column(
        "bank",
        Kind.TEXT,
        Text("Bank", "脐血库"),
        _published("Code of the bank that stores the unit.", "保存该单位的脐血库代码。"),
        nullable=True,
        references="banks.code",
    ),
    Column(
        "period_from",
        Kind.INTEGER,
        Text("Collection period, first year", "采集时段起始年"),
        _published(
            "First year in which the unit may have been collected.", "该单位可能采集的最早年份。"
        ),
        nullable=True,
        unit="year",
    ),
    Column(
        "period_to",
        Kind.INTEGER,
        Text("Collection period, last year", "采集时段结束年"),
        _published(
            "Last year in which the unit may have been collected.", "该单位可能采集的最晚年份。"
        ),
        nullable=True,
        unit="year",
    ),
    Column(
        "abo",
        Kind.TEXT,
        Text("ABO group", "ABO血型"),
        _published("ABO blood group.", "ABO血型。"),
        nullable=True,
        allowed=tuple(Allowed(group.value, text) for group, text in _ABO.items()),
    ),
    *_ends(
        "tnc",
        Text("Total nucleated cells", "有核细胞总数"),
        Text("total nucleated cells of the frozen unit", "冻存单位有核细胞总数"),
        "10^8 cells",
    ),
    *_ends(
        "cd34",
        Text("CD34+ cells", "CD34+细胞"),
        Text(
            "CD34+ cells (blood stem cells) of the frozen unit", "冻存单位CD34+细胞(造血干细胞)数"
        ),
        "10^6 cells",
    ),
    *_ends(
        "volume",
        Text("Volume", "体积"),
        Text("the volume collected, before processing", "处理前的采集体积"),
        "mL",
    ),
    Column(
        "processing",
        Kind.TEXT,
        Text("Processing", "处理方法"),
        _published("How the unit was reduced before it was frozen.", "冻存前的减容处理方法。"),
        nullable=True,
        allowed=tuple(Allowed(method.value, text) for method, text in _PROCESSING.items()),
    ),
)
"""The published values of a unit or a class, in the order of ``open.unit_class``."""

ADDED_IN = Column(
    "added_in",
    Kind.INTEGER,
    Text("Added in", "首次发布"),
    Text("Number of the release that published it first.", "首次发布它的发布编号。"),
)
