/** What of an address is saved. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { tidyAddress } from "../src/address.ts";

const KEPT = [
  "https://example.com/",
  "https://example.com/a/b.html?page=2&q=how+to+add",
  "https://stackoverflow.com/questions/11227809/why-is-processing-a-sorted-array-faster",
  "https://github.com/owner/name/blob/main/src/file.ts#L10-L20",
  "https://docs.example.com/guide?version=3.12#installing-on-windows",
  "https://ja.example.org/wiki/%E6%97%A5%E6%9C%AC#%E6%AD%B4%E5%8F%B2",
  "https://example.com/search?tab=code&sort=newest&keyboard=us&monkey=1&statement=x",
  "http://localhost:8000/docs",
  "https://example.com/a?b&c=&d=1",
];

for (const address of KEPT) {
  test(`${address} is kept`, () => assert.deepEqual(tidyAddress(address), { address, isShortened: false }));
}

const SHORTENED: readonly (readonly [string, string])[] = [
  ["https://ada:secret@example.com/a", "https://example.com/a"],
  ["https://token@example.com/a", "https://example.com/a"],
  ["https://example.com/a?q=1&token=abc&page=2", "https://example.com/a?q=1&page=2"],
  ["https://example.com/?access_token=x", "https://example.com/"],
  ["https://example.com/?ACCESS-TOKEN=x&amp;y=1", "https://example.com/?amp;y=1"],
  ["https://example.com/cb?code=4/0Aea&state=xyz", "https://example.com/cb"],
  ["https://b.s3.amazonaws.com/k?X-Amz-Credential=A&X-Amz-Signature=f&X-Amz-Date=2", "https://b.s3.amazonaws.com/k"],
  ["https://account.blob.core.windows.net/c/f?sv=2022&sig=abc%3D&sp=r", "https://account.blob.core.windows.net/c/f?sv=2022&sp=r"],
  ["https://example.com/reset?user[password]=x&resetToken=y", "https://example.com/reset"],
  ["https://example.com/?u=8f14e45fceea167a5a36dedd4bea2543", "https://example.com/"],
  ["https://example.com/?next=https%3A%2F%2Fada%3Apw%40other.example%2F", "https://example.com/"],
  ["https://example.com/%3F?t%6Fken=abc", "https://example.com/%3F"],
  ["https://app.example.com/#access_token=eyJhbGciOi&expires_in=3600", "https://app.example.com/"],
  ["https://share.example.com/s/abc#8f14e45fceea167a5a36dedd4bea2543", "https://share.example.com/s/abc"],
  [`https://example.com/a?q=${"x ".repeat(3000)}`, "https://example.com/a"],
  [`https://example.com/${"a".repeat(3000)}`, "https://example.com"],
];

for (const [address, expected] of SHORTENED) {
  test(`${address.slice(0, 80)} is shortened`, () => assert.deepEqual(tidyAddress(address), { address: expected, isShortened: true }));
}

test("where a reader came from is left out without a word", () => {
  assert.deepEqual(tidyAddress("https://example.com/a?utm_source=mail&b=1&fbclid=xyz"), { address: "https://example.com/a?b=1", isShortened: false });
  assert.deepEqual(tidyAddress("https://example.com/a#:~:text=the%20words"), { address: "https://example.com/a", isShortened: false });
});

for (const address of ["about:blank", "data:text/html,secret", "blob:https://example.com/1", "javascript:alert(1)", "chrome://settings", "", "no address"]) {
  test(`${address || "an empty address"} means nothing later`, () => assert.deepEqual(tidyAddress(address), { address: "", isShortened: false }));
}

test("a second time changes nothing", () => {
  for (const [address] of SHORTENED) {
    const once = tidyAddress(address).address;
    assert.equal(tidyAddress(once).address.replace(/\/$/, ""), once.replace(/\/$/, ""));
  }
});
