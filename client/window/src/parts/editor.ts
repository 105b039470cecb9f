/**
 * The editor: CodeMirror, loaded on demand. It lies in a shadow root, into which it puts its styles as constructed style
 * sheets: the policy of the page allows no others.
 */

import { closeBrackets, closeBracketsKeymap, autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, LanguageDescription, syntaxHighlighting } from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import { MergeView } from "@codemirror/merge";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { crosshairCursor, drawSelection, dropCursor, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder, rectangularSelection, scrollPastEnd } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { h } from "satchel-share-page/view/dom";
import { t } from "../i18n";

export interface EditorOptions {
  readonly text: string;
  readonly language: string;
  readonly label: string;
  readonly placeholder?: string;
  changed(): void;
}

export interface Editor {
  readonly element: HTMLElement;
  readonly text: string;
  setText(text: string): void;
  setLanguage(language: string): void;
  focus(): void;
  dispose(): void;
}

const PALETTE = HighlightStyle.define([
  { tag: [tags.comment, tags.meta], color: "var(--t-comment)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--t-keyword)" },
  { tag: [tags.string, tags.regexp, tags.special(tags.string)], color: "var(--t-string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--t-number)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.function(tags.variableName))], color: "var(--t-function)" },
  { tag: [tags.typeName, tags.className, tags.namespace], color: "var(--t-type)" },
  { tag: [tags.attributeName, tags.propertyName], color: "var(--t-attribute)" },
  { tag: [tags.processingInstruction, tags.annotation], color: "var(--t-meta)" },
  { tag: [tags.tagName, tags.angleBracket], color: "var(--t-tag)" },
  { tag: tags.heading, color: "var(--t-function)", fontWeight: "700" },
  { tag: tags.strong, fontWeight: "700" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

const THEME = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--surface)", fontSize: "var(--code-size)", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)", paddingBlock: ".6rem" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--number)", border: "0" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--tint) 55%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-selectionBackground": { backgroundColor: "var(--selected) !important" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { backgroundColor: "var(--selected) !important" },
  ".cm-selectionMatch": { backgroundColor: "var(--tint)" },
  ".cm-placeholder": { color: "var(--muted)", whiteSpace: "normal" },
  ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", borderColor: "var(--line-strong)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", borderColor: "var(--line-strong)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", borderColor: "var(--line-strong)", color: "var(--ink)" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--on-accent)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--tint)", borderColor: "var(--line)", color: "var(--ink)" },
  ".cm-specialChar": { color: "var(--bad)" },
  ".cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--added) 70%, transparent)" },
  "&.cm-merge-a .cm-changedLine": { backgroundColor: "color-mix(in srgb, var(--removed) 70%, transparent)" },
  ".cm-changedText": { background: "var(--added)" },
  "&.cm-merge-a .cm-changedText": { background: "var(--removed)" },
});

/** The keys of an editor. Tab indents; Escape first lets it leave the editor. */
const KEYS = keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, indentWithTab]);

function basics(label: string): Extension {
  return [
    lineNumbers(), foldGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(), indentOnInput(), bracketMatching(), closeBrackets(), autocompletion(),
    rectangularSelection(), crosshairCursor(), highlightActiveLine(), highlightSelectionMatches(), KEYS, THEME, syntaxHighlighting(PALETTE), indentUnit.of("    "),
    EditorState.allowMultipleSelections.of(true), EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off", translate: "no" }),
  ]; // prettier-ignore
}

/** Create an editor. */
export function createEditor(options: EditorOptions): Editor {
  const { element, root } = host();
  const language = new Compartment();
  const listener = EditorView.updateListener.of((update) => update.docChanged && options.changed());
  const extensions = [basics(options.label), language.of([]), listener, placeholder(options.placeholder ?? ""), scrollPastEnd()];
  const view = new EditorView({ state: EditorState.create({ doc: options.text, extensions }), parent: root, root });
  const setLanguage = (name: string) => void loadLanguage(name).then((support) => view.dispatch({ effects: language.reconfigure(support) }));
  setLanguage(options.language);
  return {
    element,
    get text() {
      return view.state.doc.toString();
    },
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    setLanguage,
    focus: () => view.focus(),
    dispose: () => view.destroy(),
  };
}

/** Two texts side by side with their differences: the left one is fixed, the right one can be edited. */
export function createMergeEditor(left: string, right: string, language: string, labels: readonly [string, string], changed: () => void): Editor {
  const { element, root } = host();
  const compartments = [new Compartment(), new Compartment()] as const;
  const view = new MergeView({
    a: { doc: left, extensions: [basics(labels[0]), compartments[0].of([]), EditorState.readOnly.of(true), EditorView.lineWrapping] },
    b: { doc: right, extensions: [basics(labels[1]), compartments[1].of([]), EditorView.lineWrapping, EditorView.updateListener.of(({ docChanged }) => docChanged && changed())] },
    parent: root,
    root,
    gutter: true,
    revertControls: "a-to-b",
    renderRevertControl: () => h("button", { text: "→", attrs: { type: "button", title: t("take_change"), "aria-label": t("take_change") } }),
    collapseUnchanged: { margin: 3, minSize: 8 },
  });
  const setLanguage = (name: string) =>
    void loadLanguage(name).then((support) => [view.a, view.b].forEach((side, index) => side.dispatch({ effects: compartments[index]!.reconfigure(support) })));
  setLanguage(language);
  return {
    element,
    get text() {
      return view.b.state.doc.toString();
    },
    setText: (text) => view.b.dispatch({ changes: { from: 0, to: view.b.state.doc.length, insert: text } }),
    setLanguage,
    focus: () => view.b.focus(),
    dispose: () => view.destroy(),
  };
}

function host(): { element: HTMLElement; root: ShadowRoot } {
  const element = h("div.editor");
  const root = element.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":host{display:block}.cm-editor,.cm-mergeView{block-size:100%}.cm-mergeViewEditors{gap:1px}:focus-visible{outline-offset:-2px}");
  root.adoptedStyleSheets = [sheet];
  return { element, root };
}

/** The support for a language by its name or a file extension; none for a language that the editor does not know. */
async function loadLanguage(name: string): Promise<Extension> {
  const known = name ? (LanguageDescription.matchLanguageName(languages, name, false) ?? LanguageDescription.matchFilename(languages, `x.${name}`)) : null;
  if (!known) return [];
  return known.load().catch(() => []);
}
