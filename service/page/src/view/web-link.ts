/** Links out of a Piece. */

import { h } from "./dom";

/** A link only to the web and to mail; anything else stays text. It tells the other side nothing of this page. */
export function webLink(address: string, text: string): Node {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return document.createTextNode(text);
  }
  if (!["https:", "http:", "mailto:"].includes(url.protocol)) return document.createTextNode(text);
  return h("a", { text, attrs: { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow", title: url.href } });
}
