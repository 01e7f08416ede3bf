// What a document costs, told before it runs: a line, a meter, and the parts on demand.

import { label } from './labels.js';

/** Return what shows costs in `element`: `show(priced)`, `clear()` and `away()`. */
export function costLine(element) {
    const line = element.querySelector('.line');
    const meter = element.querySelector('meter');
    const parts = element.querySelector('details');
    let last = null;

    function say(text, kind) {
        line.textContent = text;
        element.dataset.kind = kind;
    }

    function write() {
        const priced = last;
        meter.hidden = parts.hidden = !priced?.cost;
        if (priced === null) {
            say(label('costNone'), 'none');
        } else if (priced === 'away') {
            say(label('costAway'), 'refused');
        } else if (priced.errors) {
            say(priced.errors.map((error) => error.message).join(' '), 'refused');
        } else {
            const { requested, limit } = priced.cost;
            Object.assign(meter, { max: limit, high: limit * 0.8, value: requested });
            say(sentence(priced), priced.passes ? 'passes' : 'refused');
            fill(parts.querySelector('tbody'), priced.breakdown);
        }
    }

    function set(priced) {
        last = priced;
        write();
    }

    return {
        show: (priced) => set(priced),
        clear: () => set(null),
        away: () => set('away'),
        write,
    };
}

function sentence({ cost, values, passes, dependsOnVariables }) {
    const said = [label('costOf', cost.requested, cost.limit)];
    if (!passes) {
        const dear = cost.requested > cost.limit;
        said.push(
            dear
                ? label('costWould', cost.limit)
                : label('valuesWould', values.requested, values.limit),
        );
    } else if (dependsOnVariables) {
        said.push(label('costVaries'));
    }
    return said.join(' · ');
}

function fill(body, breakdown) {
    body.replaceChildren(
        ...breakdown.map(({ path, cost }) => {
            const row = document.createElement('tr');
            for (const text of [path, cost.toLocaleString('en')]) {
                row.insertCell().textContent = text;
            }
            return row;
        }),
    );
}
