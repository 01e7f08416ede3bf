-- A mirror adds the counts of transplants of releases that its origin withdrew together with those of
-- the next one, so that it cannot be asked that they are of the newest.

create or replace function open.refuse_late_activity() returns trigger language plpgsql as $$
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
    if said <> newest and not exists (select from intake.mirror) then
        raise exception 'open.% of release % cannot be added to: release % is published',
            tg_table_name, said, newest using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
