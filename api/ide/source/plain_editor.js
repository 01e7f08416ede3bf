// The editor where GraphiQL is not built: two fields, a button and the answer.

import { label } from './labels.js';

/** Show fields in `element`; parameters and result are those of graphiql_editor.js. */
export function mountEditor(element, { fetcher, first, onEdit }) {
    const query = field('query', first.query || first.suggested, 14);
    const variables = field('variables', first.variables, 4);
    const answer = Object.assign(document.createElement('pre'), { tabIndex: 0 });
    answer.dataset.name = 'answer';
    answer.setAttribute('role', 'region');
    const button = Object.assign(document.createElement('button'), { type: 'button' });
    button.dataset.label = 'run';
    const current = () => ({
        query: query.value, variables: variables.value, operationName: '', valid: true,
    });

    async function run() {
        let values;
        try {
            values = variables.value.trim() ? JSON.parse(variables.value) : {};
        } catch (error) {
            answer.textContent = label('notJson', error.message);
            return;
        }
        const parameters = { query: query.value, variables: values };
        answer.textContent = JSON.stringify(await fetcher(parameters, {}), null, 2);
    }

    button.addEventListener('click', run);
    for (const each of [query, variables]) {
        each.addEventListener('input', () => onEdit(current()));
        each.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                run();
            }
        });
    }
    const fields = document.createElement('div');
    fields.append(named('query', query), named('variables', variables), button);
    element.classList.add('plain');
    element.replaceChildren(fields, answer);

    return {
        ready: Promise.resolve(),
        current,
        run,
        reload() {},
        show(example) {
            query.value = example.query;
            variables.value = example.variables;
            onEdit(current());
            query.focus();
        },
        rename() {},
    };
}

function field(name, value, rows) {
    const made = document.createElement('textarea');
    return Object.assign(made, { id: `field-${name}`, value, rows, spellcheck: false });
}

function named(name, made) {
    const words = Object.assign(document.createElement('label'), { htmlFor: made.id });
    words.dataset.label = name;
    const both = document.createElement('div');
    both.append(words, made);
    return both;
}
