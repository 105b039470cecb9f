/** Forgetting: a stretch of work, a time, what mentions a text, or everything; the owner sees how much first. */

import { reveal } from "satchel-share-page/code/hidden-characters";
import { Latest } from "satchel-share-page/latest";
import { h } from "satchel-share-page/view/dom";
import { type EpisodeView, forgetMemory, type ForgetMemoryRequest, type MemoryForgotten, previewForgetMemory } from "../api";
import type { App } from "../app";
import { plural, t } from "../i18n";
import { button, input, labelled, select, whileBusy } from "../parts/controls";
import { confirm, openDialog } from "../parts/dialog";
import { said } from "../server-lines";

const HOUR_MS = 3_600_000;
const LOOK_MS = 300;

type Range = Pick<ForgetMemoryRequest, "since" | "until">;

/** Forget one stretch of work, if the owner agrees. True if it was erased. */
export async function forgetEpisode(app: App, { start, end, title }: EpisodeView): Promise<boolean> {
  const range = { since: start, until: new Date(Date.parse(end) + 1).toISOString() };
  const found = await app.attempt(() => previewForgetMemory(range));
  if (!found) return false;
  const all = found.episodes > 1 ? ` ${plural("forget_entries", found.episodes)}` : "";
  if (!(await confirm(t("forget_title"), `${t("forget_one_text", { title: reveal(said(title, "memory")) })}${all}`, t("forget"), { isDangerous: true }))) return false;
  return erase(app, range);
}

/** Ask what to forget, and erase it. True if anything was erased. */
export async function openForgetting(app: App, chosen: Range & { readonly matching: string }): Promise<boolean> {
  let isErased = false;
  let timer = 0;
  const hasDays = Boolean(chosen.since || chosen.until);
  const ranges = [...(hasDays ? ["days"] : []), "hour", "today", "all"] as ("days" | "hour" | "today" | "all")[];
  const range = select(ranges.map((value) => ({ value, label: t(`forget_${value}`) })), ranges[0]!, () => lookAfter(0)); // prettier-ignore
  const matching = input({ value: chosen.matching, dir: "auto", maxlength: "1000" }, () => lookAfter(LOOK_MS));
  const request = (): ForgetMemoryRequest => {
    const span = range.value === "days" ? { since: chosen.since ?? null, until: chosen.until ?? null } : rangeOf(range.value);
    const text = matching.value.trim();
    return { ...span, matching: text, everything: !text && !span.since && !span.until };
  };
  const count = h("p", { attrs: { role: "status" } });
  const go = button({ label: t("forget"), class: "danger", run: () => void whileBusy(go, forget) });
  const looks = new Latest();
  let seen: ForgetMemoryRequest = {};
  /** Until it is counted what goes, nothing can be erased. */
  const lookAfter = (ms: number) => {
    looks.ask();
    count.textContent = "";
    go.disabled = true;
    clearTimeout(timer);
    timer = window.setTimeout(look, ms);
  };
  const look = async () => {
    const isLatest = looks.ask();
    const asked = request();
    const found = await app.attempt(() => previewForgetMemory(asked));
    if (!found || !isLatest()) return;
    seen = asked;
    count.textContent = amountOf(found);
    go.disabled = !(found.episodes + found.events);
  };
  const forget = async () => {
    isErased = await erase(app, seen);
    if (isErased) dialog.close();
  };
  const cancel = button({ label: t("cancel"), run: () => dialog.close() });
  const dialog = openDialog(t("forget_title"), { class: "narrow" }, h("p.help", { text: t("forget_text_memory") }), labelled(t("forget_what"), range), labelled(t("forget_matching"), matching, t("forget_matching_help")), count, h("div.actions", {}, cancel, go));
  range.focus();
  lookAfter(0);
  await dialog.closed;
  return isErased;
}

function rangeOf(name: string): Range {
  if (name === "hour") return { since: new Date(Date.now() - HOUR_MS).toISOString(), until: null };
  return { since: name === "today" ? new Date(new Date().setHours(0, 0, 0, 0)).toISOString() : null, until: null };
}

function amountOf({ events, episodes }: MemoryForgotten): string {
  return events + episodes ? plural("forget_entries", episodes || events) : t("forget_nothing");
}

async function erase(app: App, request: ForgetMemoryRequest): Promise<boolean> {
  const done = await app.attempt(() => forgetMemory(request));
  if (done) app.say(plural("forgotten_entries", done.episodes || done.events));
  return Boolean(done);
}
