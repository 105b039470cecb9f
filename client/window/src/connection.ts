/**
 * The connection to the window's server: a stream of events, and what became of it. While the server does not answer,
 * the page keeps what was typed and asks again until it does.
 */

import { hello, type Hello, type Job, job as askJob, type ServerEvent } from "./api";
import { followEvents, GoneError, ProblemError } from "./transport";

/** `gone`: the server does not answer. `closed`: it answers, but this session has ended. */
export type State = "open" | "gone" | "closed";
type Listener = (event: ServerEvent) => void;

const RETRY_MS = 1_500;

export class Connection {
  #state: State = "open";
  #stream: AbortController | null = null;
  #retry = 0;
  /** Whether events may have been missed since the stream was open. */
  #isInterrupted = false;
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<(state: State) => void>();
  #hello: Hello;

  constructor(greeting: Hello) {
    this.#hello = greeting;
    this.#listen();
    addEventListener("online", () => void this.#check());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.#state !== "open" && void this.#check());
  }

  get hello(): Hello {
    return this.#hello;
  }

  get state(): State {
    return this.#state;
  }

  /** Hear of events until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hear of the connection's state. */
  watch(watcher: (state: State) => void): void {
    this.#watchers.add(watcher);
  }

  /** Learn again what the page needs at its start, such as after keys were unlocked. */
  async refresh(): Promise<Hello> {
    return (this.#hello = await hello());
  }

  /** A request failed: find out whether the server is gone. */
  report(error: unknown): void {
    if (error instanceof GoneError) this.#lose("gone");
    else if (error instanceof ProblemError && error.problem.code === "session") this.#lose("closed");
  }

  /** Wait for the end of a job; `show` hears of its progress. */
  follow(started: Job, show: (job: Job) => void): Promise<Job> {
    return new Promise((resolve) => {
      const hear = (job: Job) => {
        show(job);
        if (job.state === "running") return;
        stop();
        clearInterval(poll);
        resolve(job);
      };
      const stop = this.subscribe(({ job }) => job?.id === started.id && hear(job));
      // Events may be lost while the stream is interrupted.
      const poll = window.setInterval(() => void askJob({ id: started.id }).then(hear, () => undefined), 2_000);
      hear(started);
    });
  }

  /** Follow the stream of events; when it ends, find out why. */
  #listen(): void {
    this.#stream?.abort();
    const stream = (this.#stream = new AbortController());
    const ended = () => {
      if (this.#stream !== stream) return;
      this.#stream = null;
      this.#isInterrupted = true;
      void this.#check();
    };
    followEvents((event) => this.#hear(event), () => this.#opened(), stream.signal).then(ended, ended); // prettier-ignore
  }

  #opened(): void {
    if (this.#isInterrupted && this.#state === "open") this.#tell("open");
    else this.#set("open");
    this.#isInterrupted = false;
  }

  #hear(event: ServerEvent): void {
    if (event.kind === "closing") this.#lose("gone");
    for (const listener of [...this.#listeners]) listener(event);
  }

  async #check(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = 0;
    try {
      this.#hello = await hello();
      if (!this.#stream) this.#listen();
    } catch (error) {
      this.#lose(error instanceof ProblemError && error.problem.code === "session" ? "closed" : "gone");
    }
  }

  #lose(state: State): void {
    this.#stream?.abort();
    this.#stream = null;
    this.#retry ||= window.setTimeout(() => void this.#check(), RETRY_MS);
    this.#set(state);
  }

  #set(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell(state);
  }

  #tell(state: State): void {
    for (const watcher of this.#watchers) watcher(state);
  }
}
