// What GraphiQL leaves out for those who do not see the page, put in.

import { label } from './labels.js';

const NAMES = [
    ['.graphiql-query-editor textarea', 'query'],
    ['.graphiql-editor-tool .graphiql-editor:nth-child(1) textarea', 'variables'],
    ['.graphiql-editor-tool .graphiql-editor:nth-child(2) textarea', 'headers'],
    ['.result-window textarea', 'answer'],
];

const EXPLORER = '.graphiql-explorer-root span[style*="cursor: pointer"]';

/** Mend what is in `element`, and whatever comes into it later. */
export function mendFrom(element) {
    element.addEventListener('keydown', pressed);
    new MutationObserver(() => mend(element)).observe(element, {
        attributeFilter: ['aria-selected'],
        childList: true,
        subtree: true,
    });
}

/** Give the fields of the editors names, and let what scrolls be reached by keyboard. */
export function mend(element) {
    for (const [selector, name] of NAMES) {
        for (const field of element.querySelectorAll(selector)) {
            set(field, 'aria-label', label(name));
        }
    }
    for (const scroll of element.querySelectorAll('.result-window .CodeMirror-scroll')) {
        set(scroll, 'tabindex', '0');
        set(scroll, 'role', 'region');
        set(scroll, 'aria-label', label('answer'));
    }
    // What the buttons of the history say is the document, not "Set active".
    for (const button of element.querySelectorAll('.graphiql-history-item-label[aria-label]')) {
        button.removeAttribute('aria-label');
    }
    mendExplorer(element);
    mendTabs(element);
}

/** What the explorer lets a mouse do, let keys do. */
function mendExplorer(element) {
    for (const part of element.querySelectorAll(EXPLORER)) {
        set(part, 'tabindex', '0');
        set(part, 'role', 'button');
    }
    for (const choice of element.querySelectorAll('.graphiql-explorer-actions select')) {
        set(choice, 'aria-label', label('kinds'));
    }
}

function pressed(event) {
    if ((event.key === 'Enter' || event.key === ' ') && event.target.matches(EXPLORER)) {
        event.preventDefault();
        event.target.click();
    }
}

/** A tab may hold no buttons: make the list of tabs a list of buttons, one of them the current. */
function mendTabs(element) {
    for (const list of element.querySelectorAll('ul[role="tablist"]')) {
        list.setAttribute('role', 'list');
        set(list, 'aria-label', label('tabs'));
    }
    for (const tab of element.querySelectorAll('li.graphiql-tab')) {
        tab.removeAttribute('role');
        tab.removeAttribute('aria-selected');
        const current = tab.classList.contains('graphiql-tab-active');
        set(tab.querySelector('button'), 'aria-current', String(current));
    }
}

function set(element, name, value) {
    if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
}
