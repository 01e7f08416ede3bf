-- Every release, every withdrawal and every file changes it; nothing else of the catalogue can
-- change. Each part only grows, so a fingerprint never comes back.
select concat_ws(
    '-',
    (select number || '-' || left(digest, 16) from open.release order by number desc limit 1),
    (select count(*) from open.release where withdrawn_at is not null),
    (select count(*) from open.batch_class where withdrawn is not null),
    (select count(*) from open.release_file)
) as fingerprint
