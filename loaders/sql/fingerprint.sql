-- Every release, withdrawal, file, judgement and look at the gate changes it; nothing else of the
-- catalogue can change (transplants come with a release). All parts but the last only grow. The last is the whole of what the gate
-- says, so that one that comes back stands for the same again.
select concat_ws(
    '-',
    (select number || '-' || left(digest, 16) from open.release order by number desc limit 1),
    (select count(*) from open.release where withdrawn_at is not null),
    (select count(*) from open.batch_class where withdrawn is not null),
    (select count(*) from open.release_file),
    (select count(*) from open.judgement),
    (
        select concat_ws('/', checked_on, release, held_back_percent, array_to_string(reasons, '/'))
        from open.gate_status
    )
) as fingerprint
