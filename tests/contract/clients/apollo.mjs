// Apollo Client with automatic persisted queries, hashes by GET: the same query twice, and one
// that is refused.
import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { recorded } from './recorded.mjs';

const { requests, fetch } = recorded();
const persisted = new PersistedQueryLink({
  useGETForHashedQueries: true,
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
});
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.from([persisted, new HttpLink({ uri: process.argv[2], fetch })]),
});
const query = gql`query Apollo($code: String!) { bank(code: $code) { id name(language: ZH) } }`;
const ask = (code) =>
  client.query({ query, variables: { code }, fetchPolicy: 'network-only', errorPolicy: 'all' });

const names = [];
for (const code of ['BJ', 'GD']) names.push((await ask(code)).data.bank.name);
const refused = await client.query({
  query: gql`{ units(after: "nonsense") { totalCount } }`,
  errorPolicy: 'all',
});
console.log(
  JSON.stringify({ names, requests, codes: refused.error.errors.map((e) => e.extensions.code) }),
);
