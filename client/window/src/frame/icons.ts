/** The icons of the window that the share page does not have: strokes on a 24-unit grid. */

import { svg } from "satchel-share-page/view/dom";
import { icon as sharedIcon, type IconName as SharedName } from "satchel-share-page/view/icons";

const PATHS = {
  search: ["M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13", "M15.5 15.5L20 20"],
  plus: ["M12 5v14M5 12h14"],
  edit: ["M4.5 19.5l1-4.5L16 4.500l3.500 3.500L9 18.500z", "M14 6.500l3.500 3.500"],
  history: ["M4.500 12a7.500 7.500 0 1 0 2.500-5.600", "M4 4.500v4h4", "M12 8v4.500l3 1.800"],
  trash: ["M5 7h14", "M9.500 7V4.500h5V7", "M7 7l1 13h8l1-13"],
  restore: ["M4 12a8 8 0 1 0 3-6.200", "M4 4v4.500h4.500"],
  backup: ["M12 3.500l7 3v5c0 4.500-3 7.500-7 9-4-1.500-7-4.500-7-9v-5z", "M9 12l2.200 2.200L15.200 10"],
  settings: ["M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6", "M12 3.500v2.300M12 18.200v2.300M3.500 12h2.300M18.200 12h2.300M6 6l1.600 1.600M16.400 16.400L18 18M6 18l1.600-1.600M16.400 7.600L18 6"],
  memory: ["M12 4v16", "M12 7h6M12 12H6M12 17h6", "M12 6a1 1 0 1 0 0 2 1 1 0 0 0 0-2M12 11a1 1 0 1 0 0 2 1 1 0 0 0 0-2M12 16a1 1 0 1 0 0 2 1 1 0 0 0 0-2"],
  ledger: ["M5.500 3.500h13v17h-13z", "M9 8h6M9 12h6M9 16h3.500"],
  processing: ["M7.500 7.500h9v9h-9z", "M10 3.500v4M14 3.500v4M10 16.500v4M14 16.500v4M3.500 10h4M3.500 14h4M16.500 10h4M16.500 14h4"],
  devices: ["M3.500 5.500h13v9h-13z", "M7 18.500h6M10 14.500v4", "M16.500 9h4v10h-6v-4.500"],
  audit: ["M8 4h8v3H8z", "M8 5.500H5.500v15h13v-15H16", "M9 13l2 2 4-4"],
  statistics: ["M4 20h16", "M6.500 20v-7M11 20V5M15.500 20v-9.500M19.500 20V9"],
  request: ["M3.500 6h17v12.500h-17z", "M3.500 7l8.500 6.500L20.500 7"],
  pieces: ["M4 6.500h16M4 12h16M4 17.500h10"],
  menu: ["M4 7h16M4 12h16M4 17h16"],
  help: ["M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17", "M9.700 9.500a2.300 2.300 0 1 1 3.300 2.100c-.7.300-1 .8-1 1.600", "M12 16.300v.3"],
  command: ["M5 7l5 5-5 5", "M12.500 17h6.500"],
  tag: ["M4 4.500h7.500L20 13l-7 7-8.500-8.500z", "M8 8.500v.2"],
  upload: ["M12 15.500v-11", "M7.500 8.500L12 4l4.500 4.500", "M4.500 19.500h15"],
  image: ["M4 5h16v14H4z", "M4 16l5-5 4 4 3-3 4 4", "M15.500 8.500v.2"],
  folder: ["M3.500 6h6l2 2.500h9V19h-17z"],
  filter: ["M4 6h16l-6 7.500V19l-4-2v-3.500z"],
  back: ["M11 5l-7 7 7 7", "M4 12h16"],
  stop: ["M7 7h10v10H7z"],
  cloud: ["M7 18.500a4 4 0 0 1-.5-8 5.500 5.500 0 0 1 10.600-1A4.500 4.500 0 0 1 17 18.500z"],
} as const;

type OwnName = keyof typeof PATHS;
export type IconName = OwnName | SharedName;

/** Icons are decorative; text next to them says the same. */
export function icon(name: IconName): SVGSVGElement {
  if (!Object.hasOwn(PATHS, name)) return sharedIcon(name as SharedName);
  return svg({ class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, ...PATHS[name as OwnName]);
}
