-- Regions above the level of a bank. Rows of earlier releases say nothing; the next ones are loaded.
alter table open.bank add column region text check (region in ('NORTH', 'SOUTH'));
comment on column open.bank.region is
    'Part of the nation whose tables the bank counts for; null: for those of the nation only.';
