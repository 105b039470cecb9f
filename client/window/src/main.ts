/** The window, from the token in the address to the view. */

import { isLanguage, preferredLanguage, t, useLanguage } from "./i18n";
import { preference } from "satchel-share-page/preferences";
import { h } from "satchel-share-page/view/dom";
import { applyTheme, currentTheme } from "satchel-share-page/view/shell";
import { hello } from "./api";
import { Connection } from "./connection";
import { answerWhenInstalled } from "./installed/install";
import { handBack } from "./piece/drafts";
import { handPreferencesBack, usePreferencesOfHome } from "./preferences";
import { GoneError, openSession, ProblemError } from "./transport";
import { Window } from "./window";

const RETRY_MS = 1_500;

async function start(): Promise<void> {
  usePreferencesOfHome();
  applyTheme(currentTheme());
  const chosen = preference("language");
  await useLanguage(isLanguage(chosen) ? chosen : preferredLanguage());
  await connect();
  answerWhenInstalled();
}

async function connect(): Promise<void> {
  try {
    await openSession();
    const greeting = await hello();
    await handBack();
    handPreferencesBack();
    new Window(new Connection(greeting)).start();
  } catch (error) {
    if (!(error instanceof GoneError) && !(error instanceof ProblemError)) throw error;
    showClosed(error instanceof GoneError ? "gone" : "closed");
    setTimeout(() => void connect(), RETRY_MS);
  }
}

/** What stands in the window while its server does not answer or the session has ended. */
function showClosed(state: "gone" | "closed"): void {
  const command = h("p", {}, h("code.command", { text: "satchel open", attrs: { dir: "ltr", translate: "no" } }));
  const card = h("section.card", {}, h("h1", { text: t(`connection_${state}`) }), h("p", { text: t("open_again") }), command);
  document.getElementById("main")!.replaceChildren(card);
}

void start();
