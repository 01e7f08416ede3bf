-- More of what a release says about its anonymity, and what judges that are not ours found of it.

alter table open.release
    add column bank_held_back_percent integer check (bank_held_back_percent between 0 and 100),
    add column abo_held_back_percent integer check (abo_held_back_percent between 0 and 100),
    add column losses jsonb;
comment on column open.release.bank_held_back_percent is
    'Of the bank of which the largest share is held back, rounded up; null: published before.';
comment on column open.release.abo_held_back_percent is
    'Of the ABO group of which the largest share is held back, rounded up.';
comment on column open.release.losses is
    'Whole per cent of each attribute that the levels of the scheme lose, and of all, weighted.';

create table open.judgement (
    id integer generated always as identity primary key,
    release integer not null references open.release,
    judge text not null check (length(judge) between 1 and 80),
    version text not null check (length(version) between 1 and 80),
    k integer not null check (k >= 0),
    k_of_batches integer not null check (k_of_batches between 0 and k),
    units integer not null check (units >= 0),
    confirmed boolean not null,
    judged_at timestamptz not null default now()
);
create index on open.judgement (release, id);
comment on table open.judgement is
    'What an independent judge found in the published units of a release; it comes afterwards.';
comment on column open.judgement.k is 'Units of the smallest class of published values.';
comment on column open.judgement.k_of_batches is 'The same with the release that added a unit.';

create trigger frozen before update or delete on open.judgement
    for each row execute function open.refuse_change();
create trigger frozen_truncate before truncate on open.judgement
    for each statement execute function open.refuse_change();

grant select on open.judgement to cordgraph_reader, cordgraph_operator;
grant insert on open.judgement to cordgraph_operator;
