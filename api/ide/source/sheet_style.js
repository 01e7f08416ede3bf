// A style element is refused by our policy; a constructed style sheet is not. GraphiQL makes one
// such element, for its dialogs; the build has it make this one instead.

class SheetStyle extends HTMLElement {
    #sheet = new CSSStyleSheet();

    /** Where the library writes its rules, as into the oldest browsers' style elements. */
    styleSheet = Object.defineProperty({}, 'cssText', {
        set: (text) => this.#sheet.replaceSync(text),
    });

    connectedCallback() {
        document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
    }

    disconnectedCallback() {
        const others = document.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
        document.adoptedStyleSheets = others;
    }
}

customElements.define('sheet-style', SheetStyle);
