/** Drawing anew without taking the focus away: the control that had it is found again by its name. */

import { Latest } from "satchel-share-page/latest";
import { append } from "satchel-share-page/view/dom";

const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";

/** What a control is called, which of those with this name it is, and which of all. */
interface Place {
  readonly name: string;
  readonly index: number;
  readonly position: number;
}

type Children = Parameters<typeof append>[1];

const drawings = new WeakMap<HTMLElement, Latest>();

/**
 * Replace the children of an element. If the control with the focus is gone, the one in its place gets it. While one of
 * them is being pressed, they stay: the click would be lost.
 */
export function redraw(element: HTMLElement, children: Children): void {
  const drawing = drawings.get(element) ?? new Latest();
  drawings.set(element, drawing);
  const isLatest = drawing.ask();
  if (element.matches(":active")) afterPress(() => isLatest() && redrawNow(element, children));
  else redrawNow(element, children);
}

function afterPress(work: () => void): void {
  const listening = new AbortController();
  const end = () => {
    listening.abort();
    setTimeout(work); // the click comes first
  };
  for (const name of ["pointerup", "pointercancel", "keyup", "dragend", "blur"]) addEventListener(name, end, { signal: listening.signal });
}

function redrawNow(element: HTMLElement, children: Children): void {
  const place = placeOf(document.activeElement, element);
  element.replaceChildren();
  append(element, children);
  if (!place || focusAt(place, element)) return;
  const controls = controlsIn(element);
  controls.at(Math.min(place.position, controls.length - 1))?.focus({ preventScroll: true });
}

/** Where a control is in an element; null if it is not in it. */
export function placeOf(control: Element | null, root: Element): Place | null {
  const all = controlsIn(root);
  const position = all.findIndex((each) => each === control);
  if (position < 0) return null;
  const name = nameOf(all[position]!);
  return { name, position, index: all.slice(0, position).filter((each) => nameOf(each) === name).length };
}

/** Focus the control at a place; false if none has its name. */
export function focusAt({ name, index }: Place, root: Element): boolean {
  const alike = controlsIn(root).filter((each) => nameOf(each) === name);
  alike.at(Math.min(index, alike.length - 1))?.focus({ preventScroll: true });
  return alike.length > 0;
}

function controlsIn(root: Element): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(CONTROLS)];
}

function nameOf(control: HTMLElement): string {
  const label = control.getAttribute("aria-label") ?? (control as Partial<HTMLInputElement>).labels?.[0]?.textContent ?? control.textContent;
  return `${control.tagName} ${label}`;
}
