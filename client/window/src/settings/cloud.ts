/** The cloud: connect with a code or by signing in, sign out, disconnect. */

import { Latest } from "satchel-share-page/latest";
import { append, h } from "satchel-share-page/view/dom";
import { cloud, type CloudState, type Job, signOut, startConnect, startDisconnect, startSignIn } from "../api";
import type { App } from "../app";
import { formatAgo, inARow, nameOf, t } from "../i18n";
import { button, checkbox, input, labelled, note, whileBusy } from "../parts/controls";
import { confirm } from "../parts/dialog";
import { JobProgress } from "../parts/job";
import { redraw } from "../parts/redraw";
import { command, facts, section } from "../parts/table";

export class CloudPanel {
  readonly element = section(t("cloud"));
  readonly #progress: JobProgress;
  readonly #loads = new Latest();
  /** The form to connect, which keeps what was typed when the panel is drawn again. */
  #form: HTMLElement | null = null;

  constructor(private readonly app: App) {
    this.#progress = new JobProgress(app);
  }

  async load(): Promise<void> {
    const isLatest = this.#loads.ask();
    const state = await this.app.attempt(cloud);
    if (!state || !isLatest()) return;
    redraw(this.element, [h("h2", { text: t("cloud") }), h("p.help", { text: t("cloud_text") }), state.is_offline && note(t("offline_setting"), "info"), ...(state.url ? this.#connected(state, state.url) : [(this.#form ??= this.#connectForm())]), this.#progress.element]);
  }

  #connected(state: CloudState, url: string): HTMLElement[] {
    const { account } = state;
    const list = facts([
      [t("address"), url],
      [t("account"), account && inARow([account.subject, new URL(account.issuer).host])],
      [t("signed_in"), account && formatAgo(account.signed_in)],
      [t("keys"), state.keys && nameOf(`keys_${state.keys}`, state.keys)],
    ]);
    const actions = h("div.row-of");
    append(actions, [
      account !== null && button({ label: t("sign_in_again"), run: () => void this.#run(startSignIn) }),
      account !== null && button({ label: t("sign_out"), run: () => void this.#signOut() }),
      button({ label: t("disconnect"), class: "danger-quiet", run: () => void this.#disconnect() }),
    ]);
    return [list, actions, command(account ? "satchel login" : "satchel disconnect", (text) => this.app.announce(text))];
  }

  #connectForm(): HTMLElement {
    const url = input({ type: "url", dir: "ltr", placeholder: "https://cloud.example.org" });
    const code = input({ dir: "ltr", placeholder: "ABCD-EFGH-JKLM" });
    let signsIn = false;
    let allowsHttp = false;
    const http = checkbox(t("allow_http"), false, (isOn) => (allowsHttp = isOn));
    http.hidden = true;
    url.addEventListener("input", () => (http.hidden = !/^http:/i.test(url.value)));
    const connect = async () => {
      if (!url.value.trim()) return url.focus();
      await this.#run(() => startConnect({ url: url.value.trim(), code: code.value.trim() || null, sign_in: signsIn, allow_http: allowsHttp }));
    };
    const go = button({ label: t("connect"), icon: "cloud", class: "primary", run: () => void whileBusy(go, connect) });
    const form = h("form", { attrs: { novalidate: true }, on: { submit: (event) => (event.preventDefault(), go.click()) } }, h("div.field-row", {}, labelled(t("address"), url), labelled(t("pairing_code"), code, t("pairing_help"))));
    const signIn = checkbox(t("sign_in_with_account"), false, (isOn) => (signsIn = isOn));
    form.append(signIn, http, h("div.row-of", {}, go), command("satchel connect URL", (text) => this.app.announce(text)));
    return form;
  }

  async #run(start: () => Promise<Job>): Promise<void> {
    const job = await this.#progress.run(start);
    if (!job) return;
    this.#form = null;
    await this.app.connection.refresh();
    this.app.say(t("done"));
    await this.load();
  }

  async #signOut(): Promise<void> {
    if (await this.app.attempt(signOut)) await this.load();
  }

  async #disconnect(): Promise<void> {
    if (!(await confirm(t("disconnect"), t("disconnect_text"), t("disconnect"), { isDangerous: true }))) return;
    await this.#run(() => startDisconnect({}));
  }
}
