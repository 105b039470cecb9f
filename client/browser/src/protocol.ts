/**
 * What the parts of the extension say to each other, and what its script in the window's tab says to the page. The page's
 * side is client/window/src/put-in/extension.ts.
 */

import type { Home, Proof } from "./homes";
import type { Selection } from "./reading";

/** From the background to the script in a tab. `instance` is that script's, so that no later page of the tab gets a text. */
export type ToTab =
  | { readonly ask: "prove"; readonly challenge: string }
  | { readonly ask: "take"; readonly instance: string; readonly selection: Selection & { readonly isOneOfSeveral: boolean } };

export type Taken = "shown" | "busy" | "refused";

export interface FromTab {
  readonly instance: string;
  readonly proof?: Proof;
  readonly taken?: Taken;
}

/** From the popup to the background. */
export type ToBackground =
  | { readonly do: "look" }
  | { readonly do: "save"; readonly tabId: number }
  | { readonly do: "hand over" }
  | { readonly do: "pair"; readonly tabId: number; readonly publicKey: string }
  | { readonly do: "forget"; readonly publicKey: string }
  | { readonly do: "discard"; readonly id: string };

/** A window that is open but not paired. */
export interface Stranger extends Home {
  readonly tabId: number;
  readonly address: string;
}

/** The outcome of the last request, as the key of a message, and what fills it. */
export interface Outcome {
  readonly message: MessageKey;
  readonly values: Readonly<Record<string, string>>;
}

export interface State {
  readonly outcome: Outcome | null;
  readonly isWindowOpen: boolean;
  readonly strangers: readonly Stranger[];
  readonly homes: readonly Home[];
  readonly waiting: readonly { readonly id: string; readonly title: string; readonly address: string; readonly text: string }[];
}

export type MessageKey = keyof typeof import("../messages/en.json");
