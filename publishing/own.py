"""Whether a database may take in and publish: a mirror holds the releases of another service."""

from database.pool import Connection
from domain.failures import Refused


async def refuse_mirror(connection: Connection) -> None:
    """Refuse a database that mirrors another service; the database itself refuses it as well.

    Raises:
        Refused: It does.
    """
    origin = await connection.fetchval("select origin from intake.mirror")
    if origin is not None:
        raise Refused(
            f"this database mirrors {origin}",
            hint="It takes no inventories in and publishes nothing of its own. Use another "
            "database for that.",
        )
