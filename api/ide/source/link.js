// Addresses of a document: the version in the path, the release in the query, and the document and
// its variables in the fragment, which browsers send to nobody.

const FIELDS = ['query', 'variables', 'operationName'];

/** Return what an address holds: {release, query, variables, operationName, asked}. */
export function readLink(url) {
    const { searchParams, hash } = new URL(url);
    const fragment = new URLSearchParams(hash.slice(1));
    const told = fragment.has('query') ? fragment : searchParams;
    const found = Object.fromEntries(FIELDS.map((name) => [name, told.get(name) ?? '']));
    const release = /^[1-9][0-9]{0,8}$/.exec(searchParams.get('release') ?? '');
    return {
        ...found,
        release: release ? Number(release[0]) : null,
        // To a program the same address is the answer; so a person is shown it too.
        asked: told === searchParams && searchParams.has('query'),
    };
}

/** Return the address of a document in a version and a release; null is the latest. */
export function linkTo(path, release, { query, variables, operationName }) {
    const fragment = new URLSearchParams({ query });
    if (variables.trim()) fragment.set('variables', variables);
    if (operationName) fragment.set('operationName', operationName);
    const link = new URL(path, location.origin);
    if (release) link.searchParams.set('release', release);
    link.hash = query.trim() ? fragment : '';
    return link.href;
}
