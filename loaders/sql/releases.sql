select
    r.number, r.published_at, r.profile, r.synthetic, r.licence,
    r.unit_count, r.added_unit_count, r.withdrawn_unit_count, r.bank_count,
    r.class_count, r.smallest_class, r.median_class, r.held_back_percent,
    r.bank_held_back_percent, r.abo_held_back_percent, r.losses,
    r.judge, r.digest, r.withdrawn_at, r.withdrawn_reason,
    r.scheme, s.k, s.levels as scheme_levels
from open.release r
join open.scheme s on s.number = r.scheme
order by r.number
