/** Texts of pages, and proofs of windows. */

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { isProven, newChallenge } from "../src/homes.ts";
import { cleanLine, cleanText } from "../src/text.ts";

test("a text keeps its line breaks, its indentation and its marks of direction", () => {
  const text = "def f():\r\n\treturn 1  \n\n\u202eabc\u00a0";
  assert.equal(cleanText(text), text);
});

test("what UTF-8 and the store cannot hold is replaced", () => {
  assert.equal(cleanText("a\0b\ud800c\udc00"), "a\ufffdb\ufffdc\ufffd");
  assert.equal(cleanText("😀"), "😀");
});

test("a title is one short line without controls and hidden marks", () => {
  assert.equal(cleanLine("  a\n\tb\u0007 \u202ec\u2066 d\u200b "), "a b c d");
  assert.equal([...cleanLine("😀".repeat(1000))].length, 300);
  assert.equal(cleanLine("x".repeat(300)), "x".repeat(300));
  assert.equal(cleanLine("x".repeat(301)), `${"x".repeat(299)}…`);
});

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
const origin = "http://127.0.0.1:4000";

function proofFor(challenge: string, context = "satchel window proof v1\0") {
  const message = Buffer.concat([Buffer.from(`${context}${origin}\0`), Buffer.from(challenge, "hex")]);
  return { publicKey: key, signature: sign(null, message, privateKey).toString("hex"), path: "/home" };
}

test("a proof holds for one challenge and one address", async () => {
  const challenge = newChallenge();
  const proof = proofFor(challenge);
  assert.equal(await isProven(proof, origin, challenge), true);
  assert.equal(await isProven(proof, "http://127.0.0.1:4001", challenge), false);
  assert.equal(await isProven(proof, origin, newChallenge()), false);
  assert.equal(await isProven(proofFor(challenge, "another use\0"), origin, challenge), false);
});

test("a malformed proof is no proof", async () => {
  const challenge = newChallenge();
  const { signature } = proofFor(challenge);
  for (const [badKey, badSignature] of [["", signature], [key.slice(2), signature], [key, ""], [key, signature.toUpperCase() + "0"], ["zz".repeat(32), signature], ["ff".repeat(32), signature]] as const) {
    assert.equal(await isProven({ publicKey: badKey, signature: badSignature, path: "" }, origin, challenge), false);
  }
});

test("challenges do not repeat", () => {
  assert.match(newChallenge(), /^[0-9a-f]{64}$/);
  assert.notEqual(newChallenge(), newChallenge());
});
