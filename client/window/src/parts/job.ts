/** The progress of a job: what it does, how far it is, what it says, and the way to stop it. */

import { externalLink, h } from "satchel-share-page/view/dom";
import { cancelJob, type Job } from "../api";
import type { App } from "../app";
import { formatNumber, formatSize, sentence, t } from "../i18n";
import { ProblemError } from "../transport";
import { said } from "../server-lines";
import { button, note } from "./controls";
import { failureOf } from "./failure";

/** A notice that is an address, such as that of the page to sign in on. */
const ADDRESS = /^https?:\/\/\S+$/;
const WARNING = /^satchel: warning: (.+)$/;

export class JobProgress {
  readonly element = h("div.job", { attrs: { "aria-live": "polite" } });

  constructor(private readonly app: App) {
    this.element.hidden = true;
  }

  /** Start a job and show it until it ends. Undefined if it could not begin, failed or was stopped. */
  async run(start: () => Promise<Job>): Promise<Job | undefined> {
    const begun = await this.app.attempt(start);
    if (!begun) return undefined;
    this.element.hidden = false;
    const job = await this.app.follow(begun, (now) => this.#draw(now));
    if (job.problem?.code === "locked") return (await this.app.unlock()) ? this.run(start) : undefined;
    if (job.problem) this.app.fail(new ProblemError(job.problem));
    return job.state === "done" ? job : undefined;
  }

  #draw(job: Job): void {
    if (job.state === "done" || job.problem?.code === "locked") {
      this.element.hidden = true;
      return;
    }
    const notices = job.notices.map(drawNotice);
    if (job.problem) {
      const { title, details } = failureOf(job.problem);
      return this.element.replaceChildren(note(title, "bad", ...details.map(({ text, isEnglish }) => h("p.help", { text, attrs: { dir: "auto", lang: isEnglish ? "en" : null } }))), ...notices);
    }
    const phase = job.phase ? sentence(said(job.phase)) : t("working");
    const bar = h("progress", { attrs: { max: job.total === null ? null : String(job.total), value: job.total === null ? null : String(job.done), "aria-label": phase } });
    const stop = button({ label: t("stop"), icon: "stop", run: () => void this.app.attempt(() => cancelJob({ id: job.id })) });
    const state = job.state === "cancelled" ? t("stopped") : phase;
    this.element.replaceChildren(h("div.row-of", {}, h("strong", { text: state }), h("span.help", { text: amount(job) }), job.state === "running" && stop), job.state === "running" ? bar : "", ...notices, h("p.help", {}, h("code", { text: job.command, attrs: { dir: "ltr" } })));
  }
}

function drawNotice(text: string): HTMLElement {
  const [, warning] = WARNING.exec(text) ?? [];
  if (warning) return note(sentence(said(warning)));
  return h("p.notice", { attrs: { dir: "auto" } }, ADDRESS.test(text) ? externalLink(text, t("open_page")) : sentence(said(text)));
}

function amount({ done, total, unit }: Job): string {
  const write = unit === "bytes" ? formatSize : formatNumber;
  if (!done && !total) return "";
  return total === null ? write(done) : `${write(done)} / ${write(total)}`;
}
