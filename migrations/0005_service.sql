create table service.api_key (
    id bigint generated always as identity primary key,
    key_sha256 text not null unique check (key_sha256 ~ '^[0-9a-f]{64}$'),
    label text not null,
    quota_per_minute integer not null check (quota_per_minute > 0),
    issued_at timestamptz not null default now(),
    revoked_at timestamptz
);
comment on table service.api_key is 'Keys that raise a quota; only their hashes are kept.';

create table service.counter (
    name text not null,
    day date not null,
    count bigint not null check (count >= 0),
    primary key (name, day)
);
comment on table service.counter is 'Uses per day, for instance of a deprecated field.';

grant select on service.api_key to cordgraph_service;
grant select, insert, update on service.counter to cordgraph_service;
