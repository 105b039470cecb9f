/** The progress of a job: what it does, how far it is, what it says, and the way to stop it. */

import { h } from "satchel-share-page/view/dom";
import { cancelJob, type Job } from "../api";
import type { App } from "../app";
import { formatNumber, formatSize, t } from "../i18n";
import { ProblemError } from "../transport";
import { button, note } from "./controls";

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
    if (job.problem?.code === "locked" && (await this.app.unlock())) return this.run(start);
    if (job.problem) this.app.fail(new ProblemError(job.problem));
    return job.state === "done" ? job : undefined;
  }

  #draw(job: Job): void {
    if (job.state === "done") {
      this.element.hidden = true;
      return;
    }
    const notices = job.notices.map((text) => h("p.notice", { text, attrs: { dir: "auto" } }));
    if (job.problem) return this.element.replaceChildren(note(job.problem.message, "bad", h("p.help", { text: job.problem.hint })), ...notices);
    const bar = h("progress", { attrs: { max: job.total === null ? null : String(job.total), value: job.total === null ? null : String(job.done), "aria-label": job.phase || t("working") } });
    const stop = button({ label: t("stop"), icon: "stop", run: () => void this.app.attempt(() => cancelJob({ id: job.id })) });
    const state = job.state === "cancelled" ? t("stopped") : job.phase || t("working");
    this.element.replaceChildren(h("div.row-of", {}, h("strong", { text: state }), h("span.help", { text: amount(job) }), job.state === "running" && stop), job.state === "running" ? bar : "", ...notices, h("p.help", {}, h("code", { text: job.command, attrs: { dir: "ltr" } })));
  }
}

function amount({ done, total, unit }: Job): string {
  const write = unit === "bytes" ? formatSize : formatNumber;
  if (!done && !total) return "";
  return total === null ? write(done) : `${write(done)} / ${write(total)}`;
}
