// The IDE of CordGraph: what is around the editor, and what ties them together.

import './sheet_style.js';
import { costLine } from './cost_line.js';
import { either, label, pathOf, switchLanguage, writeLabels } from './labels.js';
import { linkTo, readLink } from './link.js';
import { ask, introspect, price, releases } from './service.js';

const WAIT_MS = 400;
const LATEST = '';
const FIRST = '{\n  release {\n    number\n    title\n    unitCount\n  }\n}\n';

const facts = JSON.parse(document.getElementById('facts').textContent);
const part = (id) => document.getElementById(id);
const linked = readLink(location.href);
const state = {
    version: facts.versions.find(({ name }) => name === facts.version),
    release: linked.release,
    releases: [],
    ran: null,
};
const cost = costLine(part('cost'));
const editor = await openEditor();
let waiting;

async function openEditor() {
    const complete = 'GraphiQL' in globalThis;
    const { mountEditor } = await import(complete ? './graphiql_editor.js' : './plain_editor.js');
    const { query, variables } = linked;
    const first = { query, variables, suggested: `${label('suggested')}\n${FIRST}` };
    return mountEditor(part('editor'), { fetcher, first, onEdit: edited });
}

/** Execute a document for the editor. */
async function fetcher(parameters, options) {
    if (parameters.operationName === 'IntrospectionQuery') {
        return introspect(state.version, parameters);
    }
    try {
        state.ran = await ask(state.version, state.release, parameters, options?.headers ?? {});
    } catch {
        state.ran = { away: true };
        writeRan();
        return { errors: [{ message: label('away') }] };
    }
    writeRan();
    return state.ran.body;
}

/** Price what is written, once the writing pauses, and keep the address a link to it. */
function edited(now) {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
        history.replaceState(null, '', linkTo(state.version.graphql, state.release, now));
        await tellCost(now);
    }, WAIT_MS);
}

async function tellCost({ query, variables, operationName, valid }) {
    if (!query.trim()) {
        cost.clear();
        return;
    }
    if (!valid) return; // half a word is no mistake yet
    let values;
    try {
        values = variables.trim() ? JSON.parse(variables) : {};
    } catch (error) {
        cost.show({ errors: [{ message: label('notJson', error.message) }] });
        return;
    }
    try {
        const parameters = { query, variables: values, ...(operationName && { operationName }) };
        cost.show(await price(state.version, state.release, parameters));
    } catch {
        cost.away();
    }
}

function writeRan() {
    const { ran } = state;
    if (!ran) return;
    if (ran.away) {
        part('ran').textContent = label('away');
        return;
    }
    const said = [label('ran', ran.status), label('milliseconds', ran.milliseconds)];
    said.push(label('bytes', ran.bytes));
    if (ran.cost) said.push(label('spent', ran.cost.requested, ran.cost.limit));
    const read = ran.releases.join(', ');
    said.push(read ? label('releases', read) : label('noRelease'));
    if (ran.quota) said.push(label('quota', ran.quota.left, ran.quota.of));
    part('ran').textContent = said.join(' · ');
}

function writeVersions() {
    const options = facts.versions.map(({ name, status }) => {
        const option = new Option(`${name} (${status.toLowerCase()})`, name);
        option.selected = name === state.version.name;
        return option;
    });
    part('version').replaceChildren(...options);
    part('reference').href = pathOf(`/reference/${state.version.name}`);
    document.title = `${label('title')} ${state.version.name} · CordGraph`;
}

function writeReleases() {
    const newest = newestRelease();
    const latest = newest ? label('latestIs', newest) : label('latest');
    const options = [new Option(latest, LATEST)];
    for (const { number, state: stands } of state.releases) {
        const gone = stands === 'WITHDRAWN';
        const option = new Option(gone ? label('withdrawn', number) : String(number), number);
        option.disabled = gone;
        options.push(option);
    }
    if (state.release && !state.releases.some(({ number }) => number === state.release)) {
        options.push(new Option(String(state.release), state.release));
    }
    part('release').replaceChildren(...options);
    part('release').value = state.release ?? LATEST;
}

function newestRelease() {
    return state.releases.find(({ state: stands }) => stands !== 'WITHDRAWN')?.number ?? null;
}

function writeExamples() {
    const groups = facts.groups.map(({ title, examples }) => {
        const section = document.createElement('section');
        section.append(Object.assign(document.createElement('h3'), { textContent: either(title) }));
        const list = document.createElement('ul');
        list.append(...examples.map((name) => itemOf(facts.examples[name])).filter(Boolean));
        section.append(list);
        return section;
    });
    part('examples-list').replaceChildren(...groups);
    part('examples-list').querySelector('button')?.setAttribute('autofocus', '');
}

function itemOf({ title, document: query, variables, versions }) {
    if (!versions.includes(state.version.name)) return null;
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: either(title) });
    button.addEventListener('click', () => {
        part('examples').close();
        const given = Object.keys(variables).length ? JSON.stringify(variables, null, 2) : '';
        editor.show({ query, variables: given });
    });
    const item = document.createElement('li');
    item.append(button);
    return item;
}

function write() {
    writeLabels();
    writeVersions();
    writeReleases();
    writeExamples();
    writeRan();
    cost.write();
    editor.rename();
}

async function share() {
    const release = state.release ?? newestRelease();
    const link = linkTo(state.version.graphql, release, editor.current());
    const said = part('said');
    try {
        await navigator.clipboard.writeText(link);
        const { name } = state.version;
        said.textContent = release ? label('shared', name, release) : label('sharedLatest', name);
    } catch {
        history.replaceState(null, '', link);
        said.textContent = label('unshared');
    }
}

part('version').addEventListener('change', ({ target }) => {
    state.version = facts.versions.find(({ name }) => name === target.value);
    write();
    editor.reload();
    edited(editor.current());
});
part('release').addEventListener('change', ({ target }) => {
    state.release = target.value === LATEST ? null : Number(target.value);
    edited(editor.current());
});
part('open-examples').addEventListener('click', () => part('examples').showModal());
part('share').addEventListener('click', share);
part('language').addEventListener('click', () => {
    switchLanguage();
    write();
});
addEventListener('hashchange', () => {
    const told = readLink(location.href);
    if (told.query && told.query !== editor.current().query) editor.show(told);
});

write();
await editor.ready;
document.body.dataset.ready = '';
tellCost(editor.current());
if (linked.asked) editor.run();
state.releases = await releases(state.version).catch(() => []);
writeReleases();
