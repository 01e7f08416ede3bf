-- The operator issues and revokes keys. It never reads a hash back, and nothing else of a key changes.
grant usage on schema service to cordgraph_operator;
grant insert (key_sha256, label, quota_per_minute) on service.api_key to cordgraph_operator;
grant select (id, label, quota_per_minute, issued_at, revoked_at) on service.api_key
    to cordgraph_operator;
grant update (revoked_at) on service.api_key to cordgraph_operator;

create function service.refuse_restoring() returns trigger language plpgsql as $$
begin
    raise exception 'key % is revoked for good', old.id
        using errcode = 'integrity_constraint_violation', hint = 'Issue a new key.';
end $$;

create trigger revoked before update on service.api_key for each row
    when (old.revoked_at is not null) execute function service.refuse_restoring();
