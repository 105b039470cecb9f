// The extension's requests, answered by the real server. SATCHEL names the program and SATCHEL_HOME a store.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { Pieces, snippetOf } from "../src/pieces";
import { serverCommand } from "../src/settings";

test("the real server lists and reads the Pieces of a store", { skip: !process.env["SATCHEL"] }, async () => {
  const { command, args } = serverCommand({ path: process.env["SATCHEL"] ?? "", home: "", meaning: false, secrets: false, expires: "" });
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const connection = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  connection.listen();
  await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {}, initializationOptions: { meaning: false } });
  await connection.sendNotification("initialized", {});
  const pieces = new Pieces((name, ...given) => connection.sendRequest("workspace/executeCommand", { command: name, arguments: given }));
  const [first] = await pieces.find("");
  assert.ok(first);
  assert.equal(first.title, "dollars");
  assert.equal(snippetOf(await pieces.read(first.id)), "echo \\$HOME");
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  const code = await new Promise((resolve) => server.on("exit", resolve));
  assert.equal(code, 0);
});
