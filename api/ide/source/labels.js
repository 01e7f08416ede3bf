// The words of our own parts, in English and Chinese. GraphiQL itself speaks English.

const LABELS = {
    en: {
        title: 'GraphQL IDE',
        version: 'Schema',
        release: 'Release',
        latest: 'latest',
        latestIs: 'latest (%)',
        withdrawn: '% (withdrawn)',
        examples: 'Examples',
        examplesTitle: 'Begin with a question',
        close: 'Close',
        share: 'Copy link',
        shared: 'Copied: a link to this document, in version % and release %.',
        sharedLatest: 'Copied: a link to this document, in version %.',
        unshared: 'The link is in the address bar.',
        language: '中文',
        documentation: 'Documentation',
        reference: 'Reference',
        help: 'Help',
        licences: 'Licences',
        query: 'Query',
        variables: 'Variables (JSON)',
        headers: 'Headers (JSON)',
        answer: 'Answer',
        tabs: 'Open documents',
        kinds: 'Kind of operation to add',
        suggested: '# Run this with the button at the right, or with Ctrl-Enter. "Examples" has more.',
        run: 'Run (Ctrl-Enter)',
        costOf: 'Cost % of %',
        costParts: 'What it is made of',
        costWould: 'It would be refused: at most % is allowed.',
        valuesWould: 'It would be refused: it asks for % values, and at most % are allowed.',
        costNone: 'Write a query to see what it costs before it runs.',
        costVaries: 'It depends on the variables.',
        costAway: 'The cost is not known: the service does not answer.',
        ran: 'Answer %',
        milliseconds: '% ms',
        bytes: '% bytes',
        spent: 'cost % of %',
        releases: 'read from release %',
        noRelease: 'read from no release',
        quota: '% left of the quota of % a minute',
        away: 'The service does not answer. Is it running, and are you connected?',
        notJson: 'The variables are not JSON: %',
    },
    zh: {
        title: 'GraphQL 查询工具',
        version: '模式版本',
        release: '数据发布',
        latest: '最新',
        latestIs: '最新（%）',
        withdrawn: '%（已撤回）',
        examples: '示例',
        examplesTitle: '从一个问题开始',
        close: '关闭',
        share: '复制链接',
        shared: '已复制链接：此查询，模式版本 %，数据发布 %。',
        sharedLatest: '已复制链接：此查询，模式版本 %。',
        unshared: '链接在地址栏中。',
        language: 'English',
        documentation: '文档',
        reference: '模式参考',
        help: '帮助',
        licences: '软件许可',
        query: '查询',
        variables: '变量（JSON）',
        headers: '请求头（JSON）',
        answer: '结果',
        tabs: '打开的查询',
        kinds: '要添加的操作类型',
        suggested: '# 点击右侧按钮或按 Ctrl-Enter 运行。“示例”中还有更多查询。',
        run: '运行（Ctrl-Enter）',
        costOf: '成本 %，上限 %',
        costParts: '成本构成',
        costWould: '将被拒绝：成本上限为 %。',
        valuesWould: '将被拒绝：查询要取 % 个值，上限为 %。',
        costNone: '写下查询，运行之前即可看到成本。',
        costVaries: '成本取决于变量。',
        costAway: '无法得知成本：服务没有应答。',
        ran: '应答 %',
        milliseconds: '% 毫秒',
        bytes: '% 字节',
        spent: '成本 %，上限 %',
        releases: '读自数据发布 %',
        noRelease: '未读取任何数据发布',
        quota: '配额剩余 %，每分钟 %',
        away: '服务没有应答。服务是否在运行？网络是否连通？',
        notJson: '变量不是 JSON：%',
    },
};
const KEPT = 'cordgraph:language';

let current = linked() ?? remembered() ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');

/** The language of the page that led here: it stands in the fragment. */
function linked() {
    const told = new URLSearchParams(location.hash.slice(1)).get('lang');
    return Object.hasOwn(LABELS, told) ? told : null;
}

function remembered() {
    try {
        const kept = localStorage.getItem(KEPT);
        return Object.hasOwn(LABELS, kept) ? kept : null;
    } catch {
        return null; // whoever forbids storage is asked nothing
    }
}

/** Return the language of the labels: en or zh. */
export const language = () => current;

/** Return a label, each % of it filled with one of `values`. */
export function label(name, ...values) {
    return LABELS[current][name].replaceAll('%', () => shown(values.shift()));
}

/** Return the one of two texts, English and Chinese, that is in the language of the labels. */
export const either = ([english, chinese]) => (current === 'zh' ? chinese : english);

/** Return the address of a page in the language of the labels. */
export const pathOf = (path) => (current === 'zh' ? `/zh${path}` : path);

/** Write labels and addresses into the page, by the attributes data-label, data-name, data-path. */
export function writeLabels() {
    document.documentElement.lang = current === 'zh' ? 'zh-Hans' : 'en';
    for (const element of document.querySelectorAll('[data-label]')) {
        element.textContent = label(element.dataset.label);
    }
    for (const element of document.querySelectorAll('[data-name]')) {
        element.setAttribute('aria-label', label(element.dataset.name));
    }
    for (const element of document.querySelectorAll('[data-path]')) {
        element.href = pathOf(element.dataset.path);
    }
}

/** Go over to the other language. */
export function switchLanguage() {
    current = current === 'zh' ? 'en' : 'zh';
    try {
        localStorage.setItem(KEPT, current);
    } catch {
        // Then it holds for this page only.
    }
    writeLabels();
}

function shown(value) {
    return typeof value === 'number' ? value.toLocaleString('en') : String(value);
}
