/** Creates elements. The page has no way to turn a string into markup, here or anywhere else. */

type Child = Node | string | null | undefined | false;
type Handler<K extends keyof HTMLElementEventMap> = (event: HTMLElementEventMap[K]) => void;

export interface Properties {
  readonly class?: string;
  readonly text?: string;
  readonly on?: { readonly [K in keyof HTMLElementEventMap]?: Handler<K> };
  readonly attrs?: Readonly<Record<string, string | boolean | null | undefined>>;
}

/** `h("p.note", { text: "…" }, child, …)`: an element with its classes, attributes, handlers and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  selector: K | `${K}.${string}`,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const [tag, ...classes] = selector.split(".") as [K, ...string[]];
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

function setAttribute(element: Element, name: string, value: string | boolean | null | undefined): void {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : value);
}

/** A link for http, https and mailto; plain text for any other address. The target learns nothing about this page. */
export function externalLink(address: string, text: string): HTMLElement | Text {
  const url = parseUrl(address);
  if (!url || !["https:", "http:", "mailto:"].includes(url.protocol)) return document.createTextNode(text);
  return h("a", { text, attrs: { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href } });
}

function parseUrl(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
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

// -- timing ------------------------------------------------------------------------------------------------------

/** Run work after the next frame is on screen. */
export function afterFrame(work: () => void): void {
  requestAnimationFrame(() => setTimeout(work));
}

export function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, { timeout: 500 });
  else setTimeout(work, 4);
}

/** Set text that is not urgent: the first number or date format of a page takes tens of milliseconds. */
export function setTextLater(element: Element, text: () => string): void {
  afterFrame(() => whenIdle(() => (element.textContent = text())));
}
