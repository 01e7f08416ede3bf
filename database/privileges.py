"""Proof, before anything is served, that a role cannot do what it must not."""

from database.pool import Connection
from domain.failures import Refused, Unavailable

_HINT = "Use a role that has only what `cordgraph migrate` grants to it."
_SHOWN = 3

# Every role that the session is or can become. A superuser is a member of all.
_REACHABLE = """
with reachable as (
    select * from pg_roles
    where pg_has_role(session_user, oid, 'MEMBER') or pg_has_role(current_user, oid, 'MEMBER')
),
relation as (
    select c.oid, nspname as schema, relkind as kind
    from pg_class c join pg_namespace n on n.oid = relnamespace
)
"""
_POWERS = """
select rolname || ' is ' || power from reachable, lateral (values
    ('superuser', rolsuper), ('createrole', rolcreaterole), ('createdb', rolcreatedb),
    ('replication', rolreplication), ('bypassrls', rolbypassrls)) as powers(power, has)
where has
order by rolname <> session_user, 1
"""
_READS = """
select 'may use schema ' || nspname from pg_namespace n, reachable r
where nspname = any($1) and has_schema_privilege(r.oid, n.oid, 'USAGE')
union
select 'may read ' || c.oid::regclass from relation c, reachable r
where schema = any($1) and kind in ('r', 'p', 'v', 'm', 'f')
    and (has_table_privilege(r.oid, c.oid, 'SELECT')
        or has_any_column_privilege(r.oid, c.oid, 'SELECT'))
order by 1
"""
_WRITES = """
select 'may write ' || c.oid::regclass from relation c, reachable r
where schema = any($1) and kind in ('r', 'p', 'v', 'm', 'f')
    and (has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        or has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))
union
select 'may advance ' || c.oid::regclass from relation c, reachable r
where schema = any($1) and kind = 'S' and has_sequence_privilege(r.oid, c.oid, 'USAGE, UPDATE')
order by 1
"""
_CREATES = """
select 'may create in schema ' || nspname from pg_namespace n, reachable r
where nspname !~ '^pg_(toast_)?temp_' and has_schema_privilege(r.oid, n.oid, 'CREATE')
union
select 'may create schemas' from reachable r
where has_database_privilege(r.oid, current_database(), 'CREATE')
order by 1
"""


async def check_reader(connection: Connection) -> None:
    """Check that the role of ``connection`` reads what is published and can do nothing else.

    Every role that it is a member of counts, whether it inherits from it or not.

    Raises:
        Refused: It has a power, reads outside zone ``open``, writes anywhere or creates.
        Unavailable: The database has no zones yet.
    """
    await _check(
        connection,
        closed=("intake", "service", "history"),
        unwritten=("intake", "open", "service", "history"),
    )


async def check_service(connection: Connection) -> None:
    """Check that the role of ``connection`` cannot enter ``intake`` nor write what is published.

    Raises:
        Refused: It has a power, reads ``intake``, writes outside zone ``service`` or creates.
        Unavailable: The database has no zones yet.
    """
    await _check(connection, closed=("intake", "history"), unwritten=("intake", "open", "history"))


async def _check(
    connection: Connection, *, closed: tuple[str, ...], unwritten: tuple[str, ...]
) -> None:
    role, migrated = await connection.fetchrow(
        "select session_user, to_regnamespace('open') is not null"
    ) or ("", False)
    if not migrated:
        raise Unavailable("the database has no tables of CordGraph", "Run `cordgraph migrate`.")
    for query, arguments in (
        (_POWERS, ()),
        (_READS, (closed,)),
        (_WRITES, (unwritten,)),
        (_CREATES, ()),
    ):
        faults = [row[0] for row in await connection.fetch(_REACHABLE + query, *arguments)]
        if faults:
            more = f" and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
            raise Refused(
                f"the database role {role} has too many rights: {'; '.join(faults[:_SHOWN])}{more}",
                _HINT,
            )
