-- Every process that serves asks once a second whether a class was withdrawn; few ever are.
create index withdrawn_class on open.batch_class (id) include (withdrawn)
    where withdrawn is not null;
