/** Handing a file to the reader: as a download, or as plain text in a tab of its own. */

import { h } from "./dom";

const KEPT_MS = 60_000;

/** Always as a stream of bytes, so that no browser shows in this origin what could run there. */
export function download(bytes: Uint8Array, name: string): void {
  const address = temporaryAddress(new Blob([bytes.slice()], { type: "application/octet-stream" }));
  const link = h("a", { attrs: { href: address, download: name } });
  document.body.append(link);
  link.click();
  link.remove();
}

export function openRaw(text: string): void {
  window.open(temporaryAddress(new Blob([text], { type: "text/plain;charset=utf-8" })), "_blank", "noopener");
}

function temporaryAddress(blob: Blob): string {
  const address = URL.createObjectURL(blob);
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
  return address;
}
