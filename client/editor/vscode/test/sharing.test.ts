import assert from "node:assert/strict";
import { test } from "node:test";
import { serverCommand, shareCommand, type Settings } from "../src/settings";
import { share } from "../src/sharing";

const settings: Settings = { path: "", home: "", meaning: true, secrets: true, expires: "" };
const node = (script: string) => share({ command: process.execPath, args: ["-e", script] });

test("command lines follow from the settings", () => {
  assert.deepEqual(serverCommand(settings), { command: "satchel", args: ["lsp"] });
  assert.deepEqual(serverCommand({ ...settings, path: "/opt/s", home: "/h" }), { command: "/opt/s", args: ["lsp", "--home", "/h"] });
  assert.deepEqual(shareCommand(settings, "01M8P8P610", true).args, ["share", "01M8P8P610", "--json", "--expires", "7d", "--allow-secrets"]);
  assert.throws(() => shareCommand(settings, "--password-file=/etc/x", false));
});

test("a link is read from the document, and anything else is a problem", async () => {
  assert.deepEqual(await node(`console.log('{"link": "https://a.test/s/1#k"}')`), { link: "https://a.test/s/1#k" });
  assert.deepEqual(await node("console.log('x')"), { problem: "satchel share gave no link", isSecret: false });
});

test("a refusal for a secret can be answered", async () => {
  const refused = await node(`console.error('error: the Piece seems to hold a secret'); process.exit(4)`);
  assert.deepEqual(refused, { problem: "the Piece seems to hold a secret", isSecret: true });
  const other = await node(`console.error('error: no cloud is connected'); process.exit(4)`);
  assert.deepEqual(other, { problem: "no cloud is connected", isSecret: false });
});

test("a program that is missing is named as such", async () => {
  const shared = await share({ command: "/nowhere/satchel", args: [] });
  assert.deepEqual(shared, { problem: "the program is not found: set satchel.path", isSecret: false });
});
