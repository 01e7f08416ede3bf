"""The columns of ``intake.raw_unit`` that a file fills, as a table; SQL is composed of it alone."""

from dataclasses import dataclass

from publishing.intake.unit import Unit


@dataclass(frozen=True)
class Column:
    """A column that describes a unit.

    Attributes:
        name: Its name, in `Unit` and in the database.
        type: Its type in the database.
        field: The field that banks know it by, or ``None`` if it is derived from others.
    """

    name: str
    type: str
    field: str | None = None

    @property
    def staged_type(self) -> str:
        """Its type beside the units, where JSON is text still."""
        return "text" if self.type == "jsonb" else self.type

    @property
    def staged(self) -> str:
        """Its value in ``staged_unit s``, in its final type."""
        return f"s.{self.name}::jsonb" if self.type == "jsonb" else f"s.{self.name}"


KEYS = (Column("line", "integer"), Column("bank", "text"), Column("unit_number", "text"))
"""Where a unit stands in the file, and which it is."""

VALUES = (
    Column("birth_date", "date", "BIRTH_DATE"),
    Column("collection_date", "date", "COLL_DATE"),
    Column("status", "text", "STATUS"),
    Column("consent", "boolean", "CONSENT_OPEN_DATA"),
    Column("synthetic", "boolean", "SYNTHETIC"),
    Column("abo", "text", "ABO"),
    Column("tnc_frozen", "double precision", "TNC_FRZN"),
    Column("cd34_frozen", "double precision", "CD34PC_FRZN"),
    Column("volume_ml", "double precision", "VOL"),
    Column("product_modification", "text", "PROD_MOD"),
    Column("hla", "jsonb", "HLA"),
    Column("hla_normal", "jsonb"),
    Column("hla_key", "text"),
)
"""What is known of a unit."""

assert tuple(column.name for column in (*KEYS, *VALUES)) == Unit._fields  # noqa: S101 - one list

DEFINITIONS = ", ".join(f"{column.name} {column.staged_type}" for column in (*KEYS, *VALUES))
"""The columns of ``staged_unit``."""

NAMES = ", ".join(column.name for column in (*KEYS, *VALUES))
"""All columns, to insert into."""

STAGED = ", ".join(column.staged for column in (*KEYS, *VALUES))
"""Their staged values, in the same order."""

ASSIGNMENTS = ", ".join(f"{column.name} = {column.staged}" for column in VALUES)
"""What makes a stored unit what the file says."""

DIFFERS = (
    f"row({', '.join(f'r.{column.name}' for column in VALUES)}) is distinct from "
    f"row({', '.join(column.staged for column in VALUES)})"
)
"""Whether the stored unit ``r`` and the staged ``s`` differ in anything."""

FIELDS = "array_remove(array[{}], null)".format(
    ", ".join(
        f"case when r.{column.name} is distinct from {column.staged} then '{column.field}' end"
        for column in VALUES
        if column.field
    )
)
"""The fields in which the two differ; none if only what is derived does."""
