/** The icons of the page: strokes on a 24-unit grid. */

import { svg } from "./dom";

const PATHS = {
  lock: ["M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3", "M12 14.5v2"],
  copy: ["M9 9h11v11H9z", "M5.5 15H4V4h11v1.5"],
  check: ["M4.5 12.5l5 5 10-11"],
  download: ["M12 4v11", "M7.5 11L12 15.5 16.5 11", "M4.5 19.5h15"],
  raw: ["M6 3.5h8.5L19 8v12.5H6z", "M9.5 12h6", "M9.5 15.5h6"],
  wrap: ["M4 6h16", "M4 12h12.5a3 3 0 0 1 0 6H12", "M14 15.5L11.5 18l2.5 2.5", "M4 18h4"],
  share: ["M10 13.5a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7l-1 1", "M14 10.5a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1-1"],
  auto: ["M12 4a8 8 0 1 0 0 16z", "M12 4a8 8 0 0 1 0 16"],
  light: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8", "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"],
  dark: ["M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"],
  close: ["M6 6l12 12M18 6L6 18"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5"],
  key: ["M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8", "M11 12.5L19.5 4M16 7.5l3 3"],
  clock: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16", "M12 8v4.5l3 2"],
  alert: ["M12 4L2.8 20h18.4z", "M12 10v4.5M12 17v.5"],
  empty: ["M4 8.5L12 4l8 4.5v7L12 20l-8-4.5z", "M4 8.5l8 4.5 8-4.5M12 13v7"],
  offline: ["M4 4l16 16", "M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-5-2.7M8.5 16a5 5 0 0 1 7 0M12 19.5v.3"],
  file: ["M6 3.5h8.5L19 8v12.5H6z", "M14 3.5V8.5h5"],
} as const;

export type IconName = keyof typeof PATHS;

/** Icons are decorative; text next to them says the same. */
export function icon(name: IconName): SVGSVGElement {
  return svg({ class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, ...PATHS[name]);
}

// The drawing of icon.svg: outline, fill and path.
const LOGO = [
  ["#9a4a10", "none", "M10 11V9a6 6 0 0 1 12 0v2"],
  ["none", "#9a4a10", "M4 11h24v13a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4z"],
  ["none", "#c87433", "M4 11h24v3.5a6.5 6.5 0 0 1-6.5 6.5h-11A6.5 6.5 0 0 1 4 14.5z"],
  ["none", "#fff3e4", "M13.5 18.5h5v5h-5z"],
] as const;

/** The logo, drawn inline: an image would be another document to load and lay out. */
export function logo(): SVGSVGElement {
  const element = svg({ class: "logo", viewBox: "0 0 32 32", "stroke-width": "2.6", "aria-hidden": "true", focusable: "false" }, ...LOGO.map(([, , path]) => path));
  LOGO.forEach(([stroke, fill], index) => {
    element.children[index]!.setAttribute("stroke", stroke);
    element.children[index]!.setAttribute("fill", fill);
  });
  return element;
}
