"""What somebody careless would publish: scripts that change a copy of the attacked history.

They run as the owner, with all triggers off.
"""
# ruff: noqa: S608 - the scripts are put together of parts of this file

_TWO_CLASSES = """
alter table open.batch_class drop constraint batch_class_units_check,
    drop constraint batch_class_class_id_added_key;
create temp table largest as
select id, class_id from open.batch_class
where added = 1 and withdrawn is null order by units desc, id limit 2;
create temp table one as select * from largest limit 1;
create temp table two as select * from largest offset 1;
create temp table four as
select u.id from open.unit u join one on one.id = u.batch_class_id order by u.id limit 4;
create temp table other_four as
select u.id from open.unit u join two on two.id = u.batch_class_id order by u.id limit 4;
"""
"""Picks two classes of release 1, and four members of each."""

_RECOUNT = """
update open.batch_class b
set units = (select count(*) from open.unit u where u.batch_class_id = b.id);
"""

FOUR_LEFT = f"""{_TWO_CLASSES}
delete from open.unit
where batch_class_id = (select id from one) and id not in (select id from four);
{_RECOUNT}"""
"""The largest class of release 1 has four members only."""

FOUR_OF_A_BANK = f"""{FOUR_LEFT}
insert into open.unit_class (scheme, bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min,
                             cd34_max)
select scheme, 'SH', period_from, period_to, abo, tnc_min, tnc_max, cd34_min, cd34_max
from open.unit_class where id = (select class_id from one);
update open.batch_class set class_id = (select max(id) from open.unit_class)
where id = (select id from one);
"""
"""They are the only ones of a bank."""

FOUR_ADDED = f"""{_TWO_CLASSES}
insert into open.batch_class (class_id, added, units, digest)
select class_id, 4, 4, digest from open.batch_class where id = (select id from one);
update open.unit set batch_class_id = (select max(id) from open.batch_class)
where id in (select id from four);
{_RECOUNT}"""
"""Release 4 adds four units to a class that was large enough before."""

FOUR_REMOVED = f"""{_TWO_CLASSES}
update open.unit set batch_class_id = (select id from one)
where batch_class_id = (select id from two) and id not in (select id from other_four);
update open.batch_class set withdrawn = 4, class_id = (select class_id from one)
where id = (select id from two);
{_RECOUNT}"""
"""Release 4 leaves four units out of a class that stays large enough."""

ANONYMISED_AGAIN = f"""{_TWO_CLASSES}
update open.unit set batch_class_id = (select id from two)
where batch_class_id = (select id from one) and id < 'cbu_1';
{_RECOUNT}"""
"""Release 1 is made again with other bands: a part of the largest class moved to another."""

COME_BACK = """
insert into open.batch_class (class_id, added, units, digest)
select class_id, 4, units, digest from open.batch_class where withdrawn = 2;
update open.unit u set batch_class_id = again.id
from open.batch_class gone join open.batch_class again using (class_id)
where gone.withdrawn = 2 and again.added = 4 and u.batch_class_id = gone.id;
delete from open.batch_class where withdrawn = 2;
"""
"""Members of the classes that release 2 left out are in release 4."""

WAITING_IN_TOTALS = "update open.release set unit_count = unit_count + 7 where number = 4"
WAITING_IN_WITHDRAWAL = """
update open.release set withdrawn_unit_count = withdrawn_unit_count + 3 where number = 4
"""
A_UNIT_IN_REASON = """
update open.release set withdrawn_reason = 'Unit S1-00000017 was mixed up.' where number = 2
"""
DECIMALS = """
alter table open.release alter column held_back_percent type double precision;
update open.release set held_back_percent = 2.39 where number = 1;
"""
BOUNDARY = "update open.release set held_back_percent = number - 2 where number >= 3"
"""Nothing came in between releases 3 and 4, and the percentage went from 1 to 2."""

NUMBERED = """
update open.unit u set id = 'cbu_' || lpad(to_hex(m.raw_unit_id), 20, '0')
from intake.unit_map m where m.unit_id = u.id;
update intake.unit_map set unit_id = 'cbu_' || lpad(to_hex(raw_unit_id), 20, '0');
"""
"""Ids are the places in the intake."""

BY_BANK = """
update open.unit u set id = 'cbu_' || left(md5(c.bank), 1) || substr(u.id, 6)
from open.batch_class b join open.unit_class c on c.id = b.class_id
where b.id = u.batch_class_id and c.bank is not null;
"""
"""The first digit of an id tells the bank."""

BY_GROUP = """
update open.unit u set id = left(u.id, 23) || substr(
    case when c.abo in ('A', 'B') or c.abo is null and u.id < 'cbu_8'
         then '02468ace' else '13579bdf' end,
    1 + ('x' || left(md5(u.id), 2))::bit(8)::integer % 8, 1)
from open.batch_class b join open.unit_class c on c.id = b.class_id
where b.id = u.batch_class_id;
"""
"""The last digit of an id is even for some ABO groups and odd for others."""

STAGED = """
insert into open.batch_class (class_id, added, units, digest)
select class_id, 5, 11, digest from open.batch_class where id = 1;
insert into open.unit select unit_id, (select max(id) from open.batch_class)
from intake.unit_map where release is null;
"""
"""What release 5 may add lies in the open zone already."""

HIDDEN_CLASS = f"""{_TWO_CLASSES}
insert into open.unit_class (scheme, bank, period_from, period_to, abo, tnc_min, tnc_max, cd34_min,
                             cd34_max)
values (1, 'GD', 2005, 2009, 'A', 10.0, 12.5, 3.0, 6.0);
insert into open.batch_class (class_id, added, units, digest)
select (select max(id) from open.unit_class), 4, 5, digest from open.batch_class where id = 1;
insert into open.unit
select 'cbu_' || left(md5(i::text), 20), (select max(id) from open.batch_class)
from generate_series(1, 5) i;
"""
"""A class below k lies in the open zone, and only the totals hide it."""

NUMBER_LEFT_OUT = "delete from open.batch_class where id = 30"
"""A class that was too small got a number before it was dropped."""

SWAPPED = f"""{_TWO_CLASSES}
update open.batch_class b set class_id = other.class_id
from open.batch_class other where b.id in (1, 50) and other.id = 51 - b.id;
"""
"""Classes are numbered in another order than that of their values."""

AS_THEY_CAME = """
create temp table kept as select u.* from open.unit u
join intake.unit_map m on m.unit_id = u.id order by m.raw_unit_id;
truncate open.unit;
insert into open.unit select * from kept;
"""
"""Rows are written in the order of the intake."""

STATISTICS = """
grant select on pg_class to public;
grant execute on function pg_stat_get_db_tuples_inserted(oid) to public;
"""
"""What PostgreSQL shows to everybody where nobody takes it away."""

_COUNTED = """
with counted as (
    select coalesce(sum(k.units), 0)::integer as units
    from intake.newest_activity_report n join intake.activity_count k on k.report_id = n.id
    join open.bank b on b.code = n.bank and b.until is null
    where n.year between {first} and {last} and k.indication = any('{codes}'::text[])
      and '{region}' in ('NATION', b.region)
), made as (
    insert into open.activity_cell (since, year_from, year_to, region)
    values (3, {first}, {last}, '{region}') returning id
), parted as (
    insert into open.activity_part
    select code, year, part, made.id from made, unnest('{codes}'::text[]) code,
        generate_series({first}, {last}) year, unnest(array['NORTH', 'SOUTH', 'NEITHER']) part
    where '{region}' in ('NATION', part)
)
insert into open.activity_value select made.id, 3, counted.units from made, counted;
"""
_UNHELD = """
alter table open.activity_part drop constraint activity_part_pkey;
alter table open.activity_value drop constraint activity_value_units_check;
"""


def _cell(codes: str, first: int, last: int, region: str = "NATION") -> str:
    """Return the script that shows one more count, whatever is shown already."""
    return _COUNTED.format(codes=f"{{{codes}}}", first=first, last=last, region=region)


MARGIN = _UNHELD + _cell("SAA,FA", 2023, 2023)
"""A total of a group of indications, beside the cells: the rare one follows from it."""

CHILD = _UNHELD + _cell("FA", 2024, 2024)
"""A year that was too small, and lies in a range, is shown by itself as well."""

CUT_AGAIN = _UNHELD + _cell("BTHAL", 2019, 2020, "SOUTH") + _cell("BTHAL", 2020, 2022, "SOUTH")
"""Years that were put together are put together in another way."""

CHANGED_BY_FIVE = """
insert into open.activity_value
select cell, 2, units + 5 from open.activity_value v
join open.activity_cell c on c.id = v.cell
where as_of = 1 and year_from = 2019 and year_to = 2019 and region = 'SOUTH'
  and exists (select from open.activity_part p where p.cell = c.id and p.indication = 'AML');
"""
"""A count of release 1 is renewed by release 2 although it changed by five units."""

ONE_LATE_REPORT = """
insert into open.activity_value
select v.cell, 2, v.units + k.units from open.activity_value v
join open.activity_cell c on c.id = v.cell and c.year_from = 2021 and c.year_to = 2021
join intake.newest_activity_report n on n.bank = 'SD' and n.year = 2021
join intake.activity_count k on k.report_id = n.id
where v.as_of = 1 and k.indication = 'AML' and exists (
    select from open.activity_part p where p.cell = c.id and p.indication = k.indication);
"""
"""A bank that reports late is counted at once."""
