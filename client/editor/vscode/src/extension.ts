// The extension: it starts `satchel lsp`, and adds a view and commands over what the server answers.

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { labelOf, Pieces, snippetOf, type Piece } from "./pieces";
import { serverCommand, shareCommand, type Settings } from "./settings";
import { share } from "./sharing";
import { inTurn } from "./turns";
import { PieceView } from "./view";

const SCHEME = "satchel";

let client: LanguageClient | undefined;
let pieces: Pieces | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const view = new PieceView(() => pieces);
  const restart = inTurn(() => startAnew(view)); // while a setting is typed, it is asked for at every letter
  const texts: vscode.TextDocumentContentProvider = { provideTextDocumentContent: textOf };
  context.subscriptions.push(
    vscode.window.registerTreeDataProvider("satchel.pieces", view),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, texts),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("satchel")) void restart();
    }),
    ...Object.entries(commands(view, restart)).map(([name, run]) => vscode.commands.registerCommand(name, run)),
  );
  await restart();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

function commands(view: PieceView, restart: () => Promise<void>): Record<string, (piece?: Piece) => Promise<void>> {
  return {
    "satchel.save": async () => {
      const place = selection();
      if (place && client) await vscode.commands.executeCommand("satchel.saveSelection", place);
      view.refresh();
    },
    "satchel.similar": async () => {
      const place = selection();
      const found = place && (await pieces?.similar(place.uri, place.range));
      const chosen = found && (await choose(found));
      if (chosen) await open(chosen);
    },
    "satchel.insertPiece": async (piece) => {
      const chosen = piece ?? (await ask());
      if (chosen) await insert(chosen);
    },
    "satchel.openPiece": async (piece) => {
      const chosen = piece ?? (await ask());
      if (chosen) await open(chosen);
    },
    "satchel.share": async (piece) => {
      const chosen = piece ?? (await ask());
      if (chosen) await shareAndCopy(chosen, false);
    },
    "satchel.find": async () => {
      const query = await vscode.window.showInputBox({ prompt: "Find Pieces", value: view.query });
      if (query === undefined) return;
      view.query = query;
      view.refresh();
    },
    "satchel.refresh": async () => view.refresh(),
    "satchel.restart": () => restart(),
    "satchel.settings": async () => {
      await vscode.commands.executeCommand("workbench.action.openSettings", "@ext:satchel.satchel");
    },
  };
}

async function startAnew(view: PieceView): Promise<void> {
  await client?.stop().catch(() => undefined); // it has ended by itself
  client = pieces = undefined;
  const chosen = settings();
  const { command, args } = serverCommand(chosen);
  const started = new LanguageClient("satchel", "satchel", { command, args: [...args] }, {
    documentSelector: [{ scheme: "file" }, { scheme: "untitled" }, { scheme: "vscode-notebook-cell" }],
    initializationOptions: { meaning: chosen.meaning, secrets: chosen.secrets },
  });
  try {
    await started.start();
  } catch {
    void offerSettings(); // nobody may answer, and a later start must not wait for it
    return;
  }
  client = started;
  pieces = new Pieces((name, ...given) => started.sendRequest("workspace/executeCommand", { command: name, arguments: given }));
  view.refresh();
}

async function offerSettings(): Promise<void> {
  const open = "Open the settings";
  const text = "satchel does not start: pipx install 'satchel[lsp]', then satchel init; or set satchel.path";
  if ((await vscode.window.showErrorMessage(text, open)) === open) {
    await vscode.commands.executeCommand("satchel.settings");
  }
}

function settings(): Settings {
  const read = vscode.workspace.getConfiguration("satchel");
  return {
    path: read.get("path", "satchel"),
    home: read.get("home", ""),
    meaning: read.get("meaning", true),
    secrets: read.get("secrets", true),
    expires: read.get("share.expires", "7d"),
  };
}

function selection(): { uri: string; range: unknown } | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selection.isEmpty) {
    void vscode.window.showInformationMessage("Select what you want first.");
    return undefined;
  }
  const { start, end } = editor.selection;
  const range = { start: { line: start.line, character: start.character }, end: { line: end.line, character: end.character } };
  return { uri: editor.document.uri.toString(), range };
}

async function choose(found: readonly Piece[]): Promise<Piece | undefined> {
  const items = found.map((piece) => ({ ...labelOf(piece), piece }));
  const placeHolder = items.length ? "Choose a Piece" : "No Piece is found";
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.piece;
}

async function ask(): Promise<Piece | undefined> {
  const query = await vscode.window.showInputBox({ prompt: "Find a Piece" });
  return query === undefined || !pieces ? undefined : choose(await pieces.find(query));
}

async function insert(piece: Piece): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const read = await pieces?.read(piece.id);
  const snippet = read && snippetOf(read);
  if (!editor || !snippet) {
    void vscode.window.showInformationMessage(editor ? "This Piece has no text." : "Open a document first.");
    return;
  }
  await editor.insertSnippet(new vscode.SnippetString(snippet));
}

async function open(piece: Piece): Promise<void> {
  const name = labelOf(piece).label.replace(/[\\/:?#]/g, " ");
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${piece.id}/${name}`, query: String(piece.revision) });
  const document = await vscode.workspace.openTextDocument(uri);
  const known = piece.language && (await vscode.languages.getLanguages()).includes(piece.language);
  if (known && piece.language) await vscode.languages.setTextDocumentLanguage(document, piece.language);
  await vscode.window.showTextDocument(document, { preview: true });
}

async function textOf(uri: vscode.Uri): Promise<string> {
  const read = await pieces?.read(uri.path.split("/")[1] ?? "");
  return read?.text ?? "";
}

async function shareAndCopy(piece: Piece, allowsSecrets: boolean): Promise<void> {
  const progress = { location: vscode.ProgressLocation.Notification, title: "Sharing a Piece" };
  const line = shareCommand(settings(), piece.id, allowsSecrets);
  const shared = await vscode.window.withProgress(progress, () => share(line));
  if ("link" in shared) {
    await vscode.env.clipboard.writeText(shared.link);
    void vscode.window.showInformationMessage("The link is in the clipboard.");
    return;
  }
  const anyway = "Share anyway";
  const offered = shared.isSecret ? [anyway] : [];
  const answer = await vscode.window.showErrorMessage(shared.problem, ...offered);
  if (answer === anyway) await shareAndCopy(piece, true);
}
