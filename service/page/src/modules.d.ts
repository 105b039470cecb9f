/** What the build makes up (build.mjs): every grammar of highlight.js that is not in the worker, loaded on demand. */
declare module "virtual:languages" {
  import type { LanguageFn } from "highlight.js";
  export const canonical: Record<string, string>;
  export const load: Record<string, () => Promise<{ default: LanguageFn }>>;
}
