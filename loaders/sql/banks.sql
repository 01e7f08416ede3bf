select
    r.number as release, b.code, b.name_en, b.name_zh, b.city, b.region_code,
    b.licence_year, b.operator, b.sources
from unnest($1::integer[]) as r (number)
join open.bank b on b.since <= r.number and (b.until is null or b.until > r.number)
order by r.number, b.code collate "C"
