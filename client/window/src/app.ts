/** What every view gets from the window, and what the window asks of a view. */

import type { Highlighter } from "satchel-share-page/highlight/client";
import type { Hello, Job, ServerEvent } from "./api";
import type { Connection } from "./connection";
import type { MessageKey } from "./i18n";
import type { Selection, Taken } from "./put-in/extension";
import type { RouteName } from "./router";

export interface App {
  readonly connection: Connection;
  readonly highlighter: Highlighter;
  readonly hello: Hello;
  /** Whether the window has a view. */
  has(name: RouteName): boolean;
  go(name: RouteName, id?: string): void;
  /** Show in the navigation how many things wait in a view; `label` says what they are. */
  count(name: RouteName, count: number, label: string): void;
  /** Show the view anew, such as after what it shows was replaced. */
  reload(): void;
  /** Tell screen readers. */
  announce(text: string): void;
  /** Say briefly what happened. */
  say(text: string): void;
  /** Say what failed, and what to do. Failures of the connection show in its banner instead. */
  fail(error: unknown): void;
  /** Do something that may fail; undefined if it does. */
  attempt<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** Ask for the passphrase of the keys, if they are locked. False if the owner gives none. */
  unlock(): Promise<boolean>;
  /** Wait for the end of a job. */
  follow(job: Job, show: (job: Job) => void): Promise<Job>;
}

/** A key of the current view, listed in the help and in the palette. */
export interface Key {
  /** As `KeyboardEvent.key`; with "Mod+" for Ctrl, on a Mac for ⌘. */
  readonly key: string;
  readonly label: MessageKey;
  /** Whether it also works while text is being typed. */
  readonly isGlobal?: boolean;
  /** Whether it runs again and again while it is held down. */
  readonly repeats?: boolean;
  run(): void;
}

export interface View {
  readonly element: HTMLElement;
  readonly title: string;
  readonly keys?: readonly Key[];
  /** The store or a part of the home has changed. */
  hear?(event: ServerEvent): void;
  /** The server answers again after an interruption. */
  resume?(): void;
  /** Files were dropped on the window or pasted; false if this view has no use for them. */
  take?(files: readonly File[]): boolean;
  /** The browser extension hands over a selection. */
  takeSelection?(selection: Selection): Taken;
  /** The view will be left once the next one is loaded, which may show the draft of this one. */
  leave?(): void;
  /** The view is left for another one. */
  dispose?(): void;
}
