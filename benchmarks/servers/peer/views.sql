-- What a user of PostGraphile would publish: units with their values, and banks; tags.json says
-- how they belong together. Views cost nothing here: PostgreSQL joins them into the query.
create schema if not exists peer;

create or replace view peer.unit as
select
    u.id, c.bank as bank_code, c.period_from, c.period_to, c.abo,
    c.tnc_min, c.tnc_max, c.cd34_min, c.cd34_max, c.volume_min, c.volume_max, c.processing
from open.unit u
join open.batch_class b on b.id = u.batch_class_id
join open.unit_class c on c.id = b.class_id;

create or replace view peer.bank as
select code, name_en, name_zh, city, region_code from open.bank where until is null;

grant usage on schema peer to cordgraph_peer;
grant select on peer.unit, peer.bank to cordgraph_peer;
