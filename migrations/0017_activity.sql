-- Transplant activity: how many units banks released for transplant. A cell is made once and stays;
-- its parts lie in no other cell of any release, so that no two tables can be subtracted.

create table open.activity_cell (
    id integer generated always as identity primary key,
    since integer not null references open.release,
    year_from integer not null,
    year_to integer not null,
    region text not null check (region in ('NORTH', 'SOUTH', 'NATION')),
    check (year_from <= year_to)
);
comment on table open.activity_cell is 'What a count is about; the release since shows it first.';

-- NEITHER: banks that belong to no part of the nation.
create table open.activity_part (
    indication text not null check (indication ~ '^[A-Z0-9]{1,12}$'),
    year integer not null,
    region text not null check (region in ('NORTH', 'SOUTH', 'NEITHER')),
    cell integer not null references open.activity_cell,
    primary key (indication, year, region)
);
create index on open.activity_part (cell);
comment on table open.activity_part is
    'An indication, a year and a part of the nation: it lies in one cell, for good.';

create table open.activity_value (
    cell integer not null references open.activity_cell,
    as_of integer not null references open.release,
    units integer not null check (units >= 22),
    primary key (cell, as_of)
);
comment on table open.activity_value is
    'Units of a cell from release as_of on, until a later value. Units, not patients.';

-- What each value is made of; never leaves the intake zone.
create table intake.activity_origin (
    cell integer not null references open.activity_cell,
    as_of integer not null references open.release,
    report_id bigint not null references intake.activity_report,
    units integer not null check (units >= 1),
    primary key (cell, as_of, report_id)
);

create trigger frozen before update or delete on open.activity_cell
    for each row execute function open.refuse_change();
create trigger frozen_truncate before truncate on open.activity_cell
    for each statement execute function open.refuse_change();
create trigger frozen before update or delete on open.activity_part
    for each row execute function open.refuse_change();
create trigger frozen_truncate before truncate on open.activity_part
    for each statement execute function open.refuse_change();
create trigger frozen before update or delete on open.activity_value
    for each row execute function open.refuse_change();
create trigger frozen_truncate before truncate on open.activity_value
    for each statement execute function open.refuse_change();
create trigger append_only before update or delete on intake.activity_origin
    for each row execute function intake.refuse_rewriting();
create trigger append_only_truncate before truncate on intake.activity_origin
    for each statement execute function intake.refuse_rewriting();

-- Only the newest release can be added to: what an earlier one says never grows.
create function open.refuse_late_activity() returns trigger language plpgsql as $$
declare
    newest integer := coalesce((select max(number) from open.release), 0);
    said integer;
begin
    if tg_table_name = 'activity_cell' then
        said := new.since;
    elsif tg_table_name = 'activity_part' then
        said := (select since from open.activity_cell where id = new.cell);
    else
        said := new.as_of;
    end if;
    if said <> newest then
        raise exception 'open.% of release % cannot be added to: release % is published',
            tg_table_name, said, newest using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;

create trigger timely before insert on open.activity_cell
    for each row execute function open.refuse_late_activity();
create trigger timely before insert on open.activity_part
    for each row execute function open.refuse_late_activity();
create trigger timely before insert on open.activity_value
    for each row execute function open.refuse_late_activity();

-- A value differs from every earlier one of its cell by at least 22.
create function open.refuse_small_change() returns trigger language plpgsql as $$
begin
    if exists (select from open.activity_value v
               where v.cell = new.cell and abs(v.units - new.units) < 22) then
        raise exception 'activity cell % would change by fewer than 22 units', new.cell
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;

create trigger changes_enough before insert on open.activity_value
    for each row execute function open.refuse_small_change();

grant select on open.activity_cell, open.activity_part, open.activity_value
to cordgraph_reader, cordgraph_operator;
grant insert on open.activity_cell, open.activity_part, open.activity_value to cordgraph_operator;
grant select, insert on intake.activity_origin to cordgraph_operator;
