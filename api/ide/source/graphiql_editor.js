// GraphiQL as the editor: built from npm, loaded before this module as plain scripts.

import { mend, mendFrom } from './mended.js';

const { React, ReactDOM, GraphiQL, GraphiQLPluginExplorer } = globalThis;
/**
 * Show GraphiQL in `element`.
 *
 * @param fetcher What executes a document: (parameters, {headers}) -> answer.
 * @param first What to begin with: {query, variables, suggested}, the last for empty tabs.
 * @param onEdit Told of every change: ({query, variables, operationName, valid}).
 * @returns What the rest of the page can do with it.
 */
export function mountEditor(element, { fetcher, first, onEdit }) {
    const { query: begun } = first;
    const inside = {};
    let operationName = '';
    let valid = true;
    let announce;
    const ready = new Promise((resolve) => {
        announce = resolve;
    });
    const current = () => ({
        query: inside.editor?.queryEditor?.getValue() ?? begun,
        variables: inside.editor?.variableEditor?.getValue() ?? first.variables,
        operationName,
        valid,
    });
    const changed = () => onEdit(current());

    /** Keeps hold of what GraphiQL offers to its children only. */
    function Reach() {
        inside.editor = GraphiQL.React.useEditorContext({ nonNull: true });
        inside.execution = GraphiQL.React.useExecutionContext({ nonNull: true });
        inside.schema = GraphiQL.React.useSchemaStore();
        const { queryEditor, variableEditor } = inside.editor;
        React.useEffect(() => {
            if (queryEditor && variableEditor) announce();
        }, [queryEditor, variableEditor]);
        return null;
    }

    const properties = {
        fetcher: (parameters, options) => fetcher(named(parameters), options),
        query: begun || undefined,
        variables: first.variables || undefined,
        defaultQuery: first.suggested,
        defaultEditorToolsVisibility: 'variables',
        forcedTheme: 'system',
        shouldPersistHeaders: false,
        inputValueDeprecation: true,
        plugins: [GraphiQLPluginExplorer.explorerPlugin()],
        onEditQuery: (_, tree) => {
            valid = tree !== undefined;
            changed();
        },
        onEditVariables: changed,
        onEditOperationName: (name) => {
            operationName = name;
            changed();
        },
        // The editors take over what is in the tab after this.
        onTabChange: () => setTimeout(changed),
    };
    mendFrom(element);
    ReactDOM.createRoot(element).render(
        React.createElement(
            GraphiQL,
            properties,
            React.createElement(GraphiQL.Logo, null, ' '),
            React.createElement(Reach),
        ),
    );

    return {
        ready,
        current,
        run: () => inside.execution.run(),
        /** Read the schema anew, which is another one now. */
        reload: () => inside.schema.introspect(),
        /** Show a document beside the one that is being written. */
        show({ query, variables }) {
            const { editor } = inside;
            const written = current().query.trim();
            if (written && written !== first.suggested.trim() && written !== query.trim()) {
                ReactDOM.flushSync(() => editor.addTab());
            }
            editor.queryEditor.setValue(query);
            operationName = '';
            editor.variableEditor.setValue(variables);
            editor.queryEditor.focus();
        },
        rename: () => mend(element),
    };
}

/** Leave out the name of an operation that is not in the document: it is that of the one before. */
function named({ operationName, ...parameters }) {
    const { parse } = GraphiQL.GraphQL;
    try {
        const { definitions } = parse(parameters.query);
        const has = ({ kind, name }) => kind === 'OperationDefinition' && name?.value === operationName;
        return definitions.some(has) ? { ...parameters, operationName } : parameters;
    } catch {
        return parameters; // the service says what is wrong
    }
}
