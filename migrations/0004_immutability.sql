-- The promises of a release, held by the database against everybody, its owner included.

create function open.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'published rows of open.% are never changed', tg_table_name
        using errcode = 'integrity_constraint_violation',
              hint = 'Publish a new release; whole batch classes can be withdrawn.';
end $$;

create trigger frozen before update or delete on open.unit
    for each row execute function open.refuse_change();
create trigger frozen_truncate before truncate on open.unit
    for each statement execute function open.refuse_change();
create trigger frozen before update or delete on open.unit_class
    for each row execute function open.refuse_change();
create trigger frozen before update or delete on open.scheme
    for each row execute function open.refuse_change();
create trigger frozen before update or delete on open.release_file
    for each row execute function open.refuse_change();
create trigger frozen_truncate before truncate on open.release_file
    for each statement execute function open.refuse_change();
create trigger frozen before delete on open.batch_class
    for each row execute function open.refuse_change();
create trigger frozen before delete on open.release
    for each row execute function open.refuse_change();

-- A withdrawal is written once, and nothing else of the row changes.
create trigger frozen_update before update on open.batch_class for each row
    when (old.withdrawn is not null
          or (to_jsonb(old) - 'withdrawn') is distinct from (to_jsonb(new) - 'withdrawn'))
    execute function open.refuse_change();
create trigger frozen_update before update on open.release for each row
    when (old.withdrawn_at is not null
          or (to_jsonb(old) - '{withdrawn_at,withdrawn_reason}'::text[])
             is distinct from (to_jsonb(new) - '{withdrawn_at,withdrawn_reason}'::text[]))
    execute function open.refuse_change();

-- A reference row that a release has read is only ever closed, for later releases.
create function open.refuse_rewriting_reference() returns trigger language plpgsql as $$
declare
    newest integer := coalesce((select max(number) from open.release), 0);
begin
    if old.since <= newest and (
        tg_op = 'DELETE' or old.until <= newest or new.until <= newest
        or (to_jsonb(old) - 'until') is distinct from (to_jsonb(new) - 'until')
    ) then
        raise exception 'open.% % is part of release % and cannot be rewritten',
            tg_table_name, old.code, newest
            using errcode = 'integrity_constraint_violation';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end $$;

create trigger frozen before update or delete on open.bank
    for each row execute function open.refuse_rewriting_reference();
create trigger frozen_truncate before truncate on open.bank
    for each statement execute function open.refuse_change();
create trigger frozen before update or delete on open.indication
    for each row execute function open.refuse_rewriting_reference();
create trigger frozen_truncate before truncate on open.indication
    for each statement execute function open.refuse_change();

-- batch_class.units is a promise about rows of open.unit. It is checked after each statement that
-- adds units (so no later statement can add one to a class that is complete), and at commit for
-- classes without any unit.
create function open.check_added_units() returns trigger language plpgsql as $$
declare
    wrong record;
begin
    select b.id, b.units, count(u.id) as found into wrong
    from open.batch_class b join open.unit u on u.batch_class_id = b.id
    where b.id in (select distinct batch_class_id from added_units)
    group by b.id, b.units having count(u.id) <> b.units limit 1;
    if found then
        raise exception 'batch class % says % units and has %', wrong.id, wrong.units, wrong.found
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;

create trigger complete after insert on open.unit referencing new table as added_units
    for each statement execute function open.check_added_units();

create function open.check_class_has_units() returns trigger language plpgsql as $$
begin
    if not exists (select from open.unit where batch_class_id = new.id) then
        raise exception 'batch class % has no units', new.id
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;

create constraint trigger has_units after insert on open.batch_class
    deferrable initially deferred for each row execute function open.check_class_has_units();
