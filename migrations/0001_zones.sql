-- Three zones, three roles. The roles exist before the first migration (database/roles.py); what
-- each may do is said in the migration that makes the table.
create schema intake;
create schema open;
create schema service;

comment on schema intake is 'What banks submitted. Only cordgraph_operator enters.';
comment on schema open is 'What is published. cordgraph_reader reads, cordgraph_operator adds.';
comment on schema service is 'What the running API keeps: keys and counters.';

revoke all on schema public from public;
grant usage on schema intake to cordgraph_operator;
grant usage on schema open to cordgraph_operator, cordgraph_reader;
grant usage on schema service to cordgraph_service;
