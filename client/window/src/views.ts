/** The views: where they stand in the navigation, and how each is opened. All but Find are loaded on demand. */

import type { App, View } from "./app";
import { FindView } from "./find/view";
import type { NavigationItem } from "./frame/frame";
import type { Route, RouteName } from "./router";

export const NAVIGATION: readonly NavigationItem[] = [
  { route: "find", icon: "pieces", label: "pieces", group: "work" },
  { route: "shares", icon: "share", label: "shares", group: "work" },
  { route: "requests", icon: "request", label: "requests", group: "work" },
  { route: "backups", icon: "backup", label: "backups", group: "work" },
  { route: "settings", icon: "settings", label: "settings", group: "work" },
  { route: "memory", icon: "memory", label: "memory", group: "see" },
  { route: "ledger", icon: "ledger", label: "ledger", group: "see" },
  { route: "processing", icon: "processing", label: "processing", group: "see" },
  { route: "devices", icon: "devices", label: "devices", group: "see" },
  { route: "audit", icon: "audit", label: "audit", group: "see" },
  { route: "statistics", icon: "statistics", label: "statistics", group: "see" },
];

const OPENERS: Record<Exclude<RouteName, "find" | "pieces">, (app: App) => Promise<View>> = {
  new: async (app) => (await import("./put-in/view")).NewView.open(app),
  shares: async (app) => new (await import("./share/view")).SharesView(app).begin(),
  requests: async (app) => new (await import("./request/view")).RequestsView(app).begin(),
  backups: async (app) => new (await import("./backup/view")).BackupsView(app).begin(),
  settings: async (app) => new (await import("./settings/view")).SettingsView(app).begin(),
  memory: async (app) => new (await import("./see/memory")).MemoryView(app).begin(),
  ledger: async (app) => new (await import("./see/ledger")).LedgerView(app).begin(),
  processing: async (app) => new (await import("./see/processing")).ProcessingView(app).begin(),
  devices: async (app) => new (await import("./see/devices")).DevicesView(app).begin(),
  audit: async (app) => new (await import("./see/audit")).AuditView(app).begin(),
  statistics: async (app) => new (await import("./see/statistics")).StatisticsView(app).begin(),
};

/** Whether the window has a view. */
export function hasView(name: RouteName): boolean {
  return name === "find" || name === "pieces" || Object.hasOwn(OPENERS, name);
}

/** Open the view of an address. It is complete when the promise resolves. */
export async function openView({ name, id }: Route, app: App): Promise<View> {
  if (name === "find" || !hasView(name)) return new FindView(app).begin();
  if (name === "pieces") return (await import("./piece/view")).PieceView.open(app, id);
  return OPENERS[name](app);
}
