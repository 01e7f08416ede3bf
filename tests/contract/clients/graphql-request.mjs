// graphql-request by POST and by GET, and a document that is refused.
import { GraphQLClient } from 'graphql-request';

const query = 'query Request($n: Int) { release(number: $n) { number } }';
const numbers = [];
for (const method of ['POST', 'GET']) {
  const client = new GraphQLClient(process.argv[2], { method });
  numbers.push((await client.request(query, { n: 2 })).release.number);
}
let refused;
try {
  await new GraphQLClient(process.argv[2]).request('{ nosuchfield }');
} catch (error) {
  refused = { status: error.response.status, code: error.response.errors[0].extensions.code };
}
console.log(JSON.stringify({ numbers, refused }));
