/** The window: shows the view of each address, and gives views what they need. */

import { Highlighter } from "satchel-share-page/highlight/client";
import { Latest } from "satchel-share-page/latest";
import { setPreference } from "satchel-share-page/preferences";
import { h } from "satchel-share-page/view/dom";
import { applyTheme, currentTheme, THEMES } from "satchel-share-page/view/shell";
import { type Hello, type Job, type ServerEvent, unlock } from "./api";
import type { App, Key, View } from "./app";
import type { Connection } from "./connection";
import { Frame } from "./frame/frame";
import { openHelp } from "./frame/help";
import { runKey } from "./frame/keys";
import { type Command, openPalette } from "./frame/palette";
import { askPassphrase } from "./frame/passphrase";
import { t } from "./i18n";
import { emptyState, loading } from "./parts/controls";
import { failureOf } from "./parts/failure";
import { handBack } from "./piece/drafts";
import { filesOf } from "./put-in/dropped";
import { listenToExtension, type Selection, type Taken, tellFree } from "./put-in/extension";
import { parseRoute, pathOf, type Route, type RouteName } from "./router";
import { GoneError, ProblemError } from "./transport";
import { hasView, NAVIGATION, openView } from "./views";

export class Window implements App {
  readonly highlighter = new Highlighter();
  readonly #frame: Frame;
  #route: Route = parseRoute(location.pathname);
  #view: View | null = null;
  /** A view that loads late does not replace a later one. */
  readonly #visits = new Latest();

  constructor(readonly connection: Connection) {
    this.#frame = new Frame({
      items: NAVIGATION,
      version: connection.hello.version,
      hasNew: this.has("new"),
      go: (name) => this.go(name),
      openPalette: () => this.#openPalette(),
      openHelp: () => this.#openHelp(),
      redraw: () => this.reload(),
    });
  }

  get hello(): Hello {
    return this.connection.hello;
  }

  start(): void {
    addEventListener("popstate", () => void this.#show(parseRoute(location.pathname)));
    addEventListener("keydown", (event) => this.#key(event));
    this.#acceptFiles();
    this.connection.subscribe((event) => void this.#hear(event));
    this.connection.watch((state) => {
      this.#frame.setConnection(state);
      if (state !== "open") return;
      void handBack();
      this.#view?.resume?.();
      tellFree();
    });
    listenToExtension((selection) => this.#takeSelection(selection));
    void this.#show(this.#route).then(tellFree);
  }

  // -- what views ask ------------------------------------------------------------------------------------------

  has(name: RouteName): boolean {
    return hasView(name) && !(name === "new" && this.hello.is_read_only);
  }

  go(name: RouteName, id = ""): void {
    const path = pathOf(name, id);
    if (path !== location.pathname) history.pushState(null, "", path);
    void this.#show({ name, id });
  }

  count(name: RouteName, count: number, label: string): void {
    this.#frame.count(name, count, label);
  }

  reload(): void {
    void this.#show(this.#route);
  }

  announce(text: string): void {
    this.#frame.announce(text);
  }

  say(text: string): void {
    this.#frame.say(text);
  }

  fail(error: unknown): void {
    this.connection.report(error);
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (error instanceof GoneError || (error instanceof ProblemError && error.problem.code === "session")) return;
    if (error instanceof ProblemError) this.#frame.fail(failureOf(error.problem));
    else {
      console.error(error); // a bug of this page
      this.#frame.fail({ title: t("failed_title"), details: [] });
    }
  }

  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProblemError && error.problem.code === "locked") return (await this.unlock()) ? this.attempt(work) : undefined;
      this.fail(error);
      return undefined;
    }
  }

  async unlock(): Promise<boolean> {
    if (!(await askPassphrase((passphrase) => unlock({ passphrase })))) return false;
    await this.connection.refresh();
    return true;
  }

  follow(job: Job, show: (job: Job) => void): Promise<Job> {
    return this.connection.follow(job, show);
  }

  // -- views ---------------------------------------------------------------------------------------------------

  async #show(route: Route): Promise<void> {
    const isLatest = this.#visits.ask();
    this.#route = route;
    this.#view?.leave?.();
    this.#frame.mark(route.name);
    const slow = setTimeout(() => isLatest() && this.#frame.show(loading(), ""), 200);
    const view = await openView(route, this).catch((error: unknown) => {
      this.fail(error);
      return failedView();
    });
    clearTimeout(slow);
    if (!isLatest()) return view.dispose?.();
    this.#view?.dispose?.();
    this.#view = view;
    this.#frame.show(view.element, view.title);
    if (!document.querySelector("dialog[open]") && (document.activeElement === document.body || !document.activeElement?.closest("main"))) this.#frame.focusMain();
    this.announce(view.title);
    scrollTo(0, 0);
  }

  async #hear(event: ServerEvent): Promise<void> {
    // Another program may have connected this device, or disconnected it.
    if (event.kind === "state" && event.what === "cloud") await this.connection.refresh().catch((error: unknown) => this.connection.report(error));
    this.#view?.hear?.(event);
  }

  // -- keys and commands ---------------------------------------------------------------------------------------

  readonly #keys: readonly Key[] = [
    { key: "Mod+K", label: "commands", isGlobal: true, run: () => this.#openPalette() },
    { key: "/", label: "key_search", run: () => this.#focusSearch() },
    { key: "n", label: "new_piece", run: () => this.has("new") && this.go("new") },
    { key: "?", label: "help", run: () => this.#openHelp() },
  ];

  #key(event: KeyboardEvent): void {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (!runKey(event, this.#view?.keys ?? [])) runKey(event, this.#keys);
  }

  #focusSearch(): void {
    const search = document.querySelector<HTMLInputElement>("#search");
    if (search) search.select();
    else this.go("find");
  }

  #openHelp(): void {
    openHelp([[t("everywhere"), this.#keys], [this.#view?.title ?? "", this.#view?.keys ?? []]]); // prettier-ignore
  }

  #openPalette(): void {
    const views = NAVIGATION.map(({ route, icon, label }) => ({ label: t(label), icon, run: () => this.go(route) }));
    const here = (this.#view?.keys ?? []).map(({ key, label, run }) => ({ label: t(label), icon: "command", key, run }) as const);
    const own: Command[] = [{ label: t("help"), icon: "help", key: "?", run: () => this.#openHelp() }, { label: t("change_theme"), icon: "auto", run: () => this.#changeTheme() }]; // prettier-ignore
    if (this.has("new")) own.unshift({ label: t("new_piece"), icon: "plus", key: "n", run: () => this.go("new") });
    openPalette([...here, ...views, ...own], (id) => this.go("pieces", id));
  }

  #changeTheme(): void {
    const next = THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length]!;
    setPreference("theme", next);
    applyTheme(next);
    this.#frame.draw();
  }

  // -- dropped and pasted files --------------------------------------------------------------------------------

  #acceptFiles(): void {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") && this.has("new");
    addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      document.body.classList.add("is-dropping");
    });
    addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("is-dropping"));
    addEventListener("drop", (event) => {
      document.body.classList.remove("is-dropping");
      if (!hasFiles(event)) return;
      event.preventDefault();
      void this.attempt(async () => this.#take(await filesOf(event.dataTransfer!)));
    });
    addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length || !this.has("new")) return;
      event.preventDefault();
      void this.#take(files);
    });
  }

  async #take(files: readonly File[]): Promise<void> {
    if (!files.length || this.#view?.take?.(files)) return;
    await this.#openForm();
    this.#view?.take?.(files);
  }

  async #openForm(): Promise<void> {
    history.pushState(null, "", pathOf("new"));
    await this.#show({ name: "new", id: "" });
  }

  // -- the browser extension -----------------------------------------------------------------------------------

  async #takeSelection(selection: Selection): Promise<Taken> {
    if (!this.has("new")) return "refused";
    if (document.querySelector("dialog[open]")) return "busy";
    if (this.#route.name !== "new") await this.#openForm();
    return this.#view?.takeSelection?.(selection) ?? "busy";
  }
}

function failedView(): View {
  const heading = h("h1.visually-hidden", { text: t("failed_title"), attrs: { tabindex: "-1", "data-focus": true } });
  return { element: h("div", {}, heading, emptyState("alert", t("failed_title"), t("failed_text"))), title: t("failed_title") };
}
