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
