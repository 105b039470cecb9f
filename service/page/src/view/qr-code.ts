/** QR codes, drawn as vectors. */

import { encode } from "uqr";
import { svg } from "./dom";

export function qrCode(text: string, label: string): SVGSVGElement {
  const { size, data } = encode(text, { ecc: "M", border: 4 });
  let path = "";
  data.forEach((row, y) => row.forEach((isDark, x) => (path += isDark ? `M${x} ${y}h1v1h-1z` : "")));
  return svg({ viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" }, path);
}
