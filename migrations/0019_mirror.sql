-- A database is an origin, which takes inventories in and publishes releases, or a mirror, which
-- holds the releases of an origin elsewhere. It cannot be both: nobody could tell whose release 4 is.

create table intake.mirror (
    only_row boolean primary key default true check (only_row),
    origin text not null check (length(origin) between 1 and 1000),
    since timestamptz not null default now()
);
comment on table intake.mirror is 'Present: this database mirrors the service at that address.';

create function intake.refuse_mirroring() returns trigger language plpgsql as $$
begin
    if exists (select from open.release) or exists (select from intake.submission) then
        raise exception 'this database has inventories or releases of its own'
            using errcode = 'integrity_constraint_violation',
                  hint = 'A mirror needs a database of its own.';
    end if;
    return null;
end $$;

create trigger only_empty after insert on intake.mirror
    for each statement execute function intake.refuse_mirroring();
create trigger for_good before delete on intake.mirror
    for each row execute function intake.refuse_rewriting();
create trigger for_good_truncate before truncate on intake.mirror
    for each statement execute function intake.refuse_rewriting();

create function intake.refuse_on_mirror() returns trigger language plpgsql as $$
begin
    if exists (select from intake.mirror) then
        raise exception 'this database mirrors %', (select origin from intake.mirror)
            using errcode = 'integrity_constraint_violation',
                  hint = 'It takes no inventories in and publishes nothing of its own.';
    end if;
    return null;
end $$;

create trigger not_on_a_mirror after insert on intake.submission
    for each statement execute function intake.refuse_on_mirror();

-- Whoever brings releases to a mirror says so; publishing does not.
create function open.refuse_own_release() returns trigger language plpgsql as $$
begin
    if exists (select from intake.mirror)
        <> (coalesce(current_setting('cordgraph.mirroring', true), '') = 'on') then
        raise exception 'a mirror has the releases of its origin, and an origin its own'
            using errcode = 'integrity_constraint_violation',
                  hint = '`cordgraph mirror --load` brings releases to a mirror.';
    end if;
    return null;
end $$;

create trigger own_or_mirrored after insert on open.release
    for each statement execute function open.refuse_own_release();

grant select, insert on intake.mirror to cordgraph_operator;
grant update (origin) on intake.mirror to cordgraph_operator;
