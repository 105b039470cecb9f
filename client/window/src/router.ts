/** Addresses within the window: `/pieces/ID` and the like. The address never holds a text or a search. */

export interface Route {
  readonly name: RouteName;
  /** The id in `/pieces/ID`, else "". */
  readonly id: string;
}

const NAMES = ["find", "pieces", "new", "shares", "requests", "backups", "settings", "memory", "ledger", "processing", "devices", "audit", "statistics"] as const;
export type RouteName = (typeof NAMES)[number];

export function parseRoute(path: string): Route {
  const [first = "", id = ""] = path.split("/").filter(Boolean).map(decode);
  const name = NAMES.find((known) => known === first) ?? "find";
  return { name: name === "pieces" && !id ? "find" : name, id: name === "pieces" ? id : "" };
}

export function pathOf(name: RouteName, id = ""): string {
  if (name === "find") return "/";
  return id ? `/${name}/${encodeURIComponent(id)}` : `/${name}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
