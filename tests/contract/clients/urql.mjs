// urql with its exchange for automatic persisted queries: a query twice, and one that is refused.
import { Client, fetchExchange, gql } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { recorded } from './recorded.mjs';

const { requests, fetch } = recorded();
const client = new Client({
  url: process.argv[2],
  fetch,
  preferGetMethod: false,
  exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
});
const query = gql`query Urql($n: Int) { release(number: $n) { number unitCount } }`;
const numbers = [];
for (const n of [1, 2]) numbers.push((await client.query(query, { n })).data.release.number);
const refused = await client.query(gql`{ unit(id: "nonsense") { id } }`, {});
console.log(
  JSON.stringify({
    numbers,
    requests,
    codes: refused.error.graphQLErrors.map((e) => e.extensions.code),
  }),
);
