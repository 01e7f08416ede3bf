"""The published tables of banks and indications, and of where their facts come from."""

from domain.tables import Allowed, Column, Kind, Table, Text

_CODE = "[A-Z0-9]{1,12}"
_NAME_EN = Text("English name", "英文名称")
_NAME_ZH = Text("Chinese name", "中文名称")

BANKS = Table(
    name="banks",
    title=Text("Cord blood banks", "脐血库"),
    description=Text(
        "One row for each bank that the release knows, whether it holds units of the bank or not. "
        "A fact that is not verified in its source is absent; see the table sources.",
        "本次发布所列的每家脐血库一行,无论是否含其单位。来源未经核实的事实留空;见 sources 表。",
    ),
    columns=(
        Column(
            "code",
            Kind.TEXT,
            Text("Code", "代码"),
            Text("Code of the bank.", "脐血库代码。"),
            pattern=_CODE,
        ),
        Column("name_en", Kind.TEXT, _NAME_EN, Text("Name in English.", "英文名称。")),
        Column("name_zh", Kind.TEXT, _NAME_ZH, Text("Name in Chinese.", "中文名称。")),
        Column(
            "city",
            Kind.TEXT,
            Text("City", "城市"),
            Text("City in which the bank is.", "脐血库所在城市。"),
        ),
        Column(
            "region_code",
            Kind.TEXT,
            Text("Region", "地区"),
            Text("Region of the licence, in ISO 3166-2.", "执业地区(ISO 3166-2)。"),
            pattern="[A-Z]{2}-[A-Z0-9]{1,3}",
        ),
        Column(
            "region",
            Kind.TEXT,
            Text("Part of the nation", "所属大区"),
            Text(
                "Part of the nation whose tables the bank counts for; absent: it counts for those "
                "of the nation only.",
                "该脐血库计入哪个大区的统计表;空值:仅计入全国统计表。",
            ),
            nullable=True,
            allowed=(
                Allowed("NORTH", Text("The north.", "北方。")),
                Allowed("SOUTH", Text("The south.", "南方。")),
            ),
        ),
        Column(
            "licence_year",
            Kind.INTEGER,
            Text("Year of the licence", "执业许可年份"),
            Text(
                "Year in which the bank was licensed; absent: not verified.",
                "获得执业许可的年份;空值:未核实。",
            ),
            nullable=True,
            unit="year",
        ),
        Column(
            "operator",
            Kind.TEXT,
            Text("Operator", "运营机构"),
            Text("Who operates the bank; absent: not verified.", "运营脐血库的机构;空值:未核实。"),
            nullable=True,
        ),
    ),
    key=("code",),
)

_GROUPS = (
    Allowed("MALIGNANT", Text("Malignant diseases.", "恶性疾病。")),
    Allowed("HAEMOGLOBINOPATHY", Text("Inherited disorders of haemoglobin.", "血红蛋白病。")),
    Allowed("MARROW_FAILURE", Text("Failures of the bone marrow.", "骨髓衰竭。")),
    Allowed("IMMUNE_DEFICIENCY", Text("Deficiencies of the immune system.", "免疫缺陷病。")),
    Allowed("METABOLIC", Text("Inherited metabolic disorders.", "遗传代谢病。")),
)

INDICATIONS = Table(
    name="indications",
    title=Text("Indications", "适应证"),
    description=Text(
        "One row for each disease for which cord blood is transplanted, with its codes in "
        "international classifications.",
        "可用脐带血移植治疗的每种疾病一行,附国际分类代码。",
    ),
    columns=(
        Column(
            "code",
            Kind.TEXT,
            Text("Code", "代码"),
            Text("Code of the indication.", "适应证代码。"),
            pattern=_CODE,
        ),
        Column(
            "indication_group",
            Kind.TEXT,
            Text("Group", "类别"),
            Text("Group of diseases.", "疾病类别。"),
            allowed=_GROUPS,
        ),
        Column("name_en", Kind.TEXT, _NAME_EN, Text("Name in English.", "英文名称。")),
        Column("name_zh", Kind.TEXT, _NAME_ZH, Text("Name in Chinese.", "中文名称。")),
        Column(
            "icd10",
            Kind.TEXT,
            Text("ICD-10", "ICD-10"),
            Text("Code in ICD-10; absent: none was found.", "ICD-10代码;空值:未找到。"),
            nullable=True,
        ),
        Column(
            "icd11",
            Kind.TEXT,
            Text("ICD-11", "ICD-11"),
            Text(
                "Code in ICD-11 for Mortality and Morbidity Statistics; absent: none was found.",
                "ICD-11 MMS代码;空值:未找到。",
            ),
            nullable=True,
        ),
        Column(
            "orpha",
            Kind.TEXT,
            Text("ORPHA", "ORPHA"),
            Text(
                "ORPHA code of Orphanet; absent: none was found.",
                "Orphanet的ORPHA代码;空值:未找到。",
            ),
            nullable=True,
        ),
    ),
    key=("code",),
)

SOURCES = Table(
    name="sources",
    title=Text("Sources", "来源"),
    description=Text(
        "One row for each fact about a bank or an indication: where it comes from and how well "
        "it is supported.",
        "关于脐血库或适应证的每项事实一行:其来源及可信程度。",
    ),
    columns=(
        Column(
            "subject",
            Kind.TEXT,
            Text("Table", "所属表"),
            Text("Table that the fact stands in.", "该事实所在的表。"),
            allowed=(
                Allowed("banks", Text("The table banks.", "banks 表。")),
                Allowed("indications", Text("The table indications.", "indications 表。")),
            ),
        ),
        Column(
            "code",
            Kind.TEXT,
            Text("Code", "代码"),
            Text("Code of the bank or indication.", "脐血库或适应证代码。"),
            pattern=_CODE,
        ),
        Column(
            "position",
            Kind.INTEGER,
            Text("Position", "序号"),
            Text(
                "Place of the row among those of the bank or indication, from 1.",
                "在该脐血库或适应证各行中的序号,从1起。",
            ),
        ),
        Column(
            "field",
            Kind.TEXT,
            Text("Field", "字段"),
            Text("Name of the field in the GraphQL schema.", "GraphQL模式中的字段名。"),
        ),
        Column(
            "status",
            Kind.TEXT,
            Text("Status", "可信程度"),
            Text("How well the fact is supported.", "该事实的可信程度。"),
            allowed=(
                Allowed("VERIFIED", Text("Read in the cited source.", "已在所引来源中核实。")),
                Allowed(
                    "WEAK",
                    Text(
                        "Found, but in a weak source; the value itself is not shown.",
                        "来源不够可靠;不显示该值。",
                    ),
                ),
                Allowed(
                    "GENERAL_KNOWLEDGE",
                    Text(
                        "Known, but not confirmed in a source. Shown for names and classification "
                        "codes only.",
                        "公知但未经来源确认;仅用于名称和分类代码。",
                    ),
                ),
                Allowed(
                    "NOT_FOUND",
                    Text(
                        "Looked for and not found; the value is absent.", "已查找但未找到;值为空。"
                    ),
                ),
            ),
        ),
        Column(
            "citation",
            Kind.TEXT,
            Text("Citation", "引文"),
            Text("The source, as an address or a description.", "来源(网址或说明)。"),
        ),
    ),
    key=("subject", "code", "position"),
)
