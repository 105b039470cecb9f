import assert from "node:assert/strict";
import { test } from "node:test";
import { inTurn } from "../src/turns";

test("work runs once at a time, and once more for all that asked meanwhile", async () => {
  let [running, begun] = [0, 0];
  const work = inTurn(async () => {
    assert.equal(++running, 1);
    begun++;
    await new Promise((done) => setTimeout(done, 5));
    running--;
  });
  const first = work();
  await new Promise((done) => setImmediate(done)); // it has begun
  await Promise.all([first, work(), work(), work()]);
  assert.equal(begun, 2);
  await work();
  assert.equal(begun, 3);
});

test("work that fails tells who asked, and the next runs", async () => {
  let begun = 0;
  const work = inTurn(async () => {
    if (++begun === 1) throw new Error("no");
  });
  await assert.rejects(work, /no/);
  await work();
  assert.equal(begun, 2);
});
