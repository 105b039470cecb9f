/** The homes that are paired, in a storage that answers later as the browser's does. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Home, forget, pair, pairedHomes } from "../src/homes.ts";

const stored: Record<string, unknown> = {};
const later = () => new Promise((done) => setTimeout(done, 2));
const local = {
  get: async (defaults: object) => (await later(), { ...defaults, ...structuredClone(stored) }),
  set: async (values: object) => (await later(), void Object.assign(stored, structuredClone(values))),
};
Object.assign(globalThis, { chrome: { storage: { local } } });

const [one, two, three] = ["1", "2", "3"].map((digit): Home => ({ publicKey: digit.repeat(64), path: `/home/${digit}` })) as [Home, Home, Home];

test("homes that are forgotten at the same time are both forgotten", async () => {
  await Promise.all([pair(one), pair(two), pair(three)]);
  assert.deepEqual(await pairedHomes(), [one, two, three]);
  await Promise.all([forget(one.publicKey), forget(three.publicKey)]);
  assert.deepEqual(await pairedHomes(), [two]);
});

test("a home that is paired again has the path that it was paired with last", async () => {
  await pair({ ...two, path: "/moved" });
  assert.deepEqual(await pairedHomes(), [{ ...two, path: "/moved" }]);
});
