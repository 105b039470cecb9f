// Sharing a Piece by the program `satchel share`, which alone opens a connection and records what leaves the device.

import { execFile } from "node:child_process";
import { type CommandLine } from "./settings";

const PATIENCE_MS = 120_000;
const REFUSED = 4;

/** A link; or why there is none: `isSecret` if the Piece seems to hold a secret that the owner may allow. */
export type Shared = { readonly link: string } | { readonly problem: string; readonly isSecret: boolean };

/** Run `satchel share` and return what it answers. The link is in no message. */
export function share(line: CommandLine): Promise<Shared> {
  return new Promise((resolve) => {
    const options = { timeout: PATIENCE_MS, maxBuffer: 2 ** 20 };
    execFile(line.command, [...line.args], options, (error, stdout, stderr) => {
      resolve(error ? problemOf(error.code, stderr) : linkOf(stdout));
    });
  });
}

function linkOf(stdout: string): Shared {
  try {
    const { link } = JSON.parse(stdout) as { link?: unknown };
    if (typeof link === "string") return { link };
  } catch {
    // no document
  }
  return { problem: "satchel share gave no link", isSecret: false };
}

function problemOf(code: unknown, stderr: string): Shared {
  if (code === "ENOENT") return { problem: "the program is not found: set satchel.path", isSecret: false };
  const line = stderr.split("\n").find((one) => one.trim()) ?? "satchel share failed";
  return { problem: line.replace(/^(?:error|satchel): /, ""), isSecret: code === REFUSED && /secret/.test(stderr) };
}
