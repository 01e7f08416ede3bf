"""The list of all published tables, in the order in which they are shown."""

from domain.activity_tables import TRANSPLANT_ACTIVITY, TRANSPLANT_ACTIVITY_PARTS
from domain.class_columns import ADDED_IN, CLASS_COLUMNS
from domain.hla_tables import HLA_FREQUENCIES, HLA_TABLES
from domain.reference_tables import BANKS, INDICATIONS, SOURCES
from domain.tables import Column, Kind, Table, Text

UNITS = Table(
    name="units",
    title=Text("Cord blood units", "脐带血单位"),
    description=Text(
        "One row for each stored unit of umbilical cord blood that the release holds, of all its "
        "batches. A row was published once and never changes; at least ten other units of the same "
        "batch share all its values but the id. Which values the scheme of a batch publishes "
        "stands in release.json.",
        "本次发布所含的每个脐带血单位一行,包括以往各批次。每行只发布一次且永不更改;除编号外,同批次"
        "至少另有十个单位的取值与其完全相同。各批次方案公开哪些取值见 release.json。",
    ),
    columns=(
        Column(
            "id",
            Kind.TEXT,
            Text("Unit", "单位编号"),
            Text(
                "Public id of the unit: stable inside a scheme, and not derived from anything that "
                "can be known without a secret key.",
                "单位的公开编号:在同一方案内保持不变;没有密钥无法推知其来源。",
            ),
            pattern="cbu_[0-9a-f]{20}",
        ),
        ADDED_IN,
        *CLASS_COLUMNS,
    ),
    key=("id",),
)

BATCH_CLASSES = Table(
    name="batch_classes",
    title=Text("Batch classes", "批次等价类"),
    description=Text(
        "One row for each combination of published values that one batch added, and that the "
        "release still holds, with how many units share it: at least eleven. Totals of any "
        "selection of units are sums over these rows.",
        "每个批次新增且本次发布仍包含的每种取值组合一行,并给出共有该组合的单位数(至少十一)。任何"
        "筛选条件下的单位总数都是这些行之和。",
    ),
    columns=(
        ADDED_IN,
        *CLASS_COLUMNS,
        Column(
            "units",
            Kind.INTEGER,
            Text("Units", "单位数"),
            Text("How many units the class has.", "该等价类的单位数。"),
            unit="units",
        ),
        Column(
            "digest",
            Kind.TEXT,
            Text("Digest", "摘要"),
            Text(
                "SHA-256 of the class and the ids of its units, in hexadecimal; the digest of the "
                "release is made of these.",
                "等价类及其单位编号的SHA-256(十六进制);发布摘要由这些摘要计算。",
            ),
            pattern="[0-9a-f]{64}",
        ),
    ),
    key=("digest",),
    sorted_by="added_in, then the text of the published values in the digest of the class",
)

TABLES: tuple[Table, ...] = (
    UNITS,
    BANKS,
    INDICATIONS,
    SOURCES,
    BATCH_CLASSES,
    HLA_TABLES,
    HLA_FREQUENCIES,
    TRANSPLANT_ACTIVITY,
    TRANSPLANT_ACTIVITY_PARTS,
)
"""All published tables. `UNITS` is the only large one."""


def table_named(name: str) -> Table:
    """Return the published table ``name``.

    Raises:
        LookupError: There is none.
    """
    for table in TABLES:
        if table.name == name:
            return table
    raise LookupError(f"no table is called {name}")
