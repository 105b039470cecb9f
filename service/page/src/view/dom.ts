/** Making elements. There is no way here, nor anywhere in this page, to turn a string into markup. */

type Child = Node | string | null | undefined | false;
type Handler<K extends keyof HTMLElementEventMap> = (event: HTMLElementEventMap[K]) => void;

export interface Properties {
  readonly class?: string;
  readonly text?: string;
  readonly on?: { readonly [K in keyof HTMLElementEventMap]?: Handler<K> };
  readonly attrs?: Readonly<Record<string, string | boolean | null | undefined>>;
}

/** `h("p.note", { text: "…" }, child, …)`: an element with its class, attributes, handlers and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  what: K | `${K}.${string}`,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = what.split(".") as [K, ...string[]];
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  if (properties.class) element.className = `${element.className} ${properties.class}`.trim();
  if (properties.text !== undefined) element.textContent = properties.text;
  for (const [name, value] of Object.entries(properties.attrs ?? {})) setAttribute(element, name, value);
  for (const [name, handler] of Object.entries(properties.on ?? {})) {
    element.addEventListener(name, handler as EventListener);
  }
  append(element, children);
  return element;
}

export function append(parent: ParentNode, children: readonly Child[]): void {
  parent.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
}

export function setAttribute(element: Element, name: string, value: string | boolean | null | undefined): void {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}

/** Write what can wait behind what is read first: making the first number or date format takes tens of milliseconds. */
export function writeLater(element: Element, text: () => string): void {
  requestAnimationFrame(() => setTimeout(() => (element.textContent = text())));
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(attributes: Readonly<Record<string, string>>, ...paths: string[]): SVGSVGElement {
  const element = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    element.append(path);
  }
  return element;
}
