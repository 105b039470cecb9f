import assert from "node:assert/strict";
import { test } from "node:test";
import { labelOf, Pieces, snippetOf, type ReadPiece } from "../src/pieces";

const piece: ReadPiece = {
  id: "01M8P8P610Y9FB7CMYPQJ1CW52", title: "A title", language: "python", tags: ["http"], media_type: "text/plain",
  updated: "2026-01-01T00:00:00+00:00", revision: 1, text: "echo ${HOME} \\ }\n", is_snippet: false,
};

test("a list shows the title, the language and the tags", () => {
  assert.deepEqual(labelOf(piece), { label: "A title", description: "python #http" });
  assert.equal(labelOf({ ...piece, title: "" }).label, "01M8P8P610");
  assert.equal(labelOf({ ...piece, likeness: 0.876, language: null }).description, "88% #http");
});

test("a Piece is inserted as it is, and a snippet with its stops", () => {
  assert.equal(snippetOf(piece), "echo \\${HOME\\} \\\\ \\}");
  assert.equal(snippetOf({ ...piece, text: "for ${1:x}:\n", is_snippet: true }), "for ${1:x}:");
  assert.equal(snippetOf({ ...piece, text: null }), null);
});

test("requests are the server's commands", async () => {
  const asked: unknown[] = [];
  const pieces = new Pieces(async (...given) => (asked.push(given), { pieces: [piece] }));
  assert.deepEqual(await pieces.find("http"), [piece]);
  await pieces.similar("file:///a", "range");
  assert.deepEqual(asked, [
    ["satchel.search", "http", 200],
    ["satchel.findSimilar", { uri: "file:///a", range: "range" }, true],
  ]);
});
