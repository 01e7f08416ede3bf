// Runs the audits of graphql-http against the address given, and prints one line of JSON:
// [{id, name, status, reason}].
import { auditServer } from 'graphql-http';

const results = await auditServer({ url: process.argv[2] });
console.log(
  JSON.stringify(
    results.map(({ id, name, status, reason }) => ({ id, name, status, reason })),
  ),
);
