// What is asked of the service, and of nobody else.

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

/** Return the address that asks in a version and a release; null is the latest. */
function addressOf(path, release) {
    return release ? `${path}?release=${release}` : path;
}

async function post(address, parameters, headers) {
    const response = await fetch(address, {
        method: 'POST',
        headers: { ...headers, Accept: ACCEPT, 'Content-Type': 'application/json' },
        body: JSON.stringify(parameters),
        credentials: 'omit',
    });
    const text = await response.text();
    return { response, text, body: JSON.parse(text) };
}

/** Execute a document; return its answer and what is told of it. */
export async function ask(version, release, parameters, headers) {
    const began = performance.now();
    const { response, text, body } = await post(
        addressOf(version.graphql, release), parameters, headers,
    );
    const told = body.extensions?.cordgraph ?? {};
    return {
        body,
        status: `${response.status} ${response.statusText}`.trim(),
        milliseconds: Math.round(performance.now() - began),
        bytes: new TextEncoder().encode(text).length,
        cost: told.cost,
        releases: told.releases ?? [],
        quota: quotaOf(response.headers),
    };
}

/** Return the schema's introspection; a browser keeps it and asks whether it has changed. */
export async function introspect(version, { query, operationName }) {
    const parameters = new URLSearchParams({ query, ...(operationName && { operationName }) });
    const response = await fetch(`${version.graphql}?${parameters}`, {
        headers: { Accept: ACCEPT },
        credentials: 'omit',
    });
    return response.json();
}

/** Return what a document costs, without running it. */
export async function price(version, release, parameters) {
    const { body } = await post(addressOf(version.cost, release), parameters, {});
    return body;
}

/** Return the releases there are, newest first: {number, state}. */
export async function releases(version) {
    const query = '{ releases(last: 100) { nodes { number state } } }';
    const answer = await introspect(version, { query });
    return (answer.data?.releases?.nodes ?? []).reverse();
}

/** Return {left, of} from the headers of RFC-to-be RateLimit; null without a quota. */
function quotaOf(headers) {
    const left = /;r=(\d+)/.exec(headers.get('RateLimit') ?? '');
    const of = /;q=(\d+)/.exec(headers.get('RateLimit-Policy') ?? '');
    return left && of ? { left: Number(left[1]), of: Number(of[1]) } : null;
}
