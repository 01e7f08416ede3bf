"""The published tables of transplant activity."""

from domain.tables import Allowed, Column, Kind, Table, Text

NORTH = Allowed("NORTH", Text("The banks of the north.", "北方各库。"))
SOUTH = Allowed("SOUTH", Text("The banks of the south.", "南方各库。"))
NATION = Allowed("NATION", Text("All banks.", "全国各库。"))

_CELL = Column(
    "cell",
    Kind.INTEGER,
    Text("Cell", "单元格"),
    Text("Number of the cell, the same in all releases.", "单元格编号,在各次发布中不变。"),
)
AS_OF = Column(
    "as_of",
    Kind.INTEGER,
    Text("As of", "数值所属发布"),
    Text(
        "Release that was counted for: an older value stands where a newer one would tell on few.",
        "该数值是为哪次发布统计的:若新数值会暴露少数个体,则沿用旧数值。",
    ),
)

TRANSPLANT_ACTIVITY = Table(
    name="transplant_activity",
    title=Text("Transplant activity", "移植应用量"),
    description=Text(
        "One row for each cell: how many units banks released for transplant, for the indications "
        "and years that lie in it. Units, not patients: a patient may get two. No two cells "
        "overlap, so that sums are totals. Each is made of at least three banks and 22 units.",
        "每个单元格一行:各库在所含适应证和年份内供移植的单位数。计的是单位而非患者,一名患者可能使用"
        "两个单位。单元格互不重叠,相加即为合计。每格至少来自三家库、二十二个单位。",
    ),
    columns=(
        _CELL,
        Column(
            "since",
            Kind.INTEGER,
            Text("Since", "首次公布"),
            Text("Release that showed the cell first.", "首次公布该单元格的发布编号。"),
        ),
        Column(
            "year_from",
            Kind.INTEGER,
            Text("First year", "起始年"),
            Text("First year that lies in the cell.", "单元格所含的最早年份。"),
            unit="year",
        ),
        Column(
            "year_to",
            Kind.INTEGER,
            Text("Last year", "结束年"),
            Text("Last year that lies in the cell.", "单元格所含的最晚年份。"),
            unit="year",
        ),
        Column(
            "region",
            Kind.TEXT,
            Text("Banks", "脐血库范围"),
            Text("Banks that the cell is about.", "该单元格涉及的脐血库。"),
            allowed=(NORTH, SOUTH, NATION),
        ),
        Column(
            "units",
            Kind.INTEGER,
            Text("Units", "单位数"),
            Text("Units released for transplant.", "供移植的单位数。"),
            unit="units",
        ),
        AS_OF,
    ),
    key=("cell",),
)

TRANSPLANT_ACTIVITY_PARTS = Table(
    name="transplant_activity_parts",
    title=Text("Parts of the cells of transplant activity", "移植应用量单元格的组成"),
    description=Text(
        "One row for each indication, year and part of the nation that lies in a cell of the table "
        "transplant_activity. Each lies in one cell, for good.",
        "移植应用量单元格所含的每个适应证、年份和大区一行。每项永久归于一个单元格。",
    ),
    columns=(
        Column(
            "indication",
            Kind.TEXT,
            Text("Indication", "适应证"),
            Text("Code of the indication.", "适应证代码。"),
            pattern="[A-Z0-9]{1,12}",
        ),
        Column(
            "year",
            Kind.INTEGER,
            Text("Year", "年份"),
            Text("Year in which units were released.", "供出单位的年份。"),
            unit="year",
        ),
        Column(
            "region",
            Kind.TEXT,
            Text("Banks", "脐血库范围"),
            Text("Part of the nation that the banks belong to.", "脐血库所属大区。"),
            allowed=(
                NORTH,
                SOUTH,
                Allowed(
                    "NEITHER", Text("Banks that belong to neither part.", "不属于两大区的库。")
                ),
            ),
        ),
        _CELL,
    ),
    key=("indication", "year", "region"),
)
