// The owner's settings, and the command lines that follow from them.

export interface Settings {
  readonly path: string;
  readonly home: string;
  readonly meaning: boolean;
  readonly secrets: boolean;
  readonly expires: string;
}

export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** Return how the server is started. */
export function serverCommand(settings: Settings): CommandLine {
  return { command: settings.path || "satchel", args: ["lsp", ...homeOption(settings)] };
}

/** Return how a Piece is shared. Ids are letters and digits, so none can be taken for an option. */
export function shareCommand(settings: Settings, id: string, allowsSecrets: boolean): CommandLine {
  if (!/^[0-9A-Za-z]{10,26}$/.test(id)) throw new Error("not the id of a Piece");
  const allow = allowsSecrets ? ["--allow-secrets"] : [];
  const args = ["share", id, "--json", "--expires", settings.expires || "7d", ...allow, ...homeOption(settings)];
  return { command: settings.path || "satchel", args };
}

function homeOption(settings: Settings): string[] {
  return settings.home ? ["--home", settings.home] : [];
}
