/** The views: where they stand in the navigation, and how each is opened. All but Find are loaded on demand. */

import type { App, View } from "./app";
import { FindView } from "./find/view";
import type { NavigationItem } from "./frame/frame";
import type { Route, RouteName } from "./router";

export const NAVIGATION: readonly NavigationItem[] = [
  { route: "find", icon: "pieces", label: "pieces", group: "work" },
];

const OPENERS: Partial<Record<Exclude<RouteName, "find" | "pieces">, (app: App) => Promise<View>>> = {};

/** Whether the window has a view. */
export function hasView(name: RouteName): boolean {
  return name === "find" || name === "pieces" || Object.hasOwn(OPENERS, name);
}

/** Open the view of an address. It is complete when the promise resolves. */
export async function openView({ name, id }: Route, app: App): Promise<View> {
  if (name === "find" || !hasView(name)) return new FindView(app).begin();
  if (name === "pieces") return (await import("./piece/view")).PieceView.open(app, id);
  return OPENERS[name]!(app);
}
