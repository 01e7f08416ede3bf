-- As each release after $1 reads them: what a release has read never changes.
select
    r.number as release, b.code, b.name_en, b.name_zh, b.city, b.region_code, b.region,
    b.licence_year, b.operator, b.sources
from open.release r
join open.bank b on b.since <= r.number and (b.until is null or b.until > r.number)
where r.number > $1
order by r.number, b.code collate "C"
