-- Files of a release are registered in one statement, once and for good. Rows are never changed or
-- removed (0004), and none is added later.

alter table open.release_file
    add check (path ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,5}$');

create function open.refuse_later_files() returns trigger language plpgsql as $$
declare
    late integer;
begin
    select f.release into late
    from open.release_file f
    where f.release in (select release from added_files)
        and not exists (
            select from added_files a where a.release = f.release and a.path = f.path
        )
    limit 1;
    if found then
        raise exception 'the files of release % are published and no other is added', late
            using errcode = 'integrity_constraint_violation',
                  hint = 'All files of a release are registered in one statement.';
    end if;
    return null;
end $$;

create trigger complete after insert on open.release_file referencing new table as added_files
    for each statement execute function open.refuse_later_files();
