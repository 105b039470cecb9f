/** The results of a search: rows by their index, fetched in pages when they come into view. */

import { find, type Correction, type FindRequest, type Row } from "../api";

/** The best matches of so many are found without ranking every match (`FIRST_MATCHES` of the index, less one). */
export const PAGE_ROWS = 48;
/** Matches that are counted. Of more, the server tells no number. */
export const MANY = 10_000;
/** Pages kept beside those in view. */
const MAX_PAGES = 120;

export class Results {
  readonly #pages = new Map<number, readonly Row[]>();
  readonly #asked = new Map<number, AbortController>();
  #isWhole = true;
  total = 0;
  /** Whether `total` is more than the rows fetched so far. */
  isCounted = true;
  /** Whether there are more than `MANY`. */
  isMany = false;
  corrections: readonly Correction[] = [];
  /** The time that the first rows took in the server, in ms. */
  tookMs = 0;

  constructor(
    readonly request: FindRequest,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Fetch the first rows. */
  async begin(): Promise<void> {
    await this.#fetch(0);
  }

  /** Fetch only the rows that fit on screen, without counting the others, so that they are there soon. */
  async beginWith(rows: number): Promise<void> {
    await this.#attempt(0, async (signal) => {
      const { pieces, has_more, total, corrections, took_ms } = await find({ ...this.request, offset: 0, limit: Math.min(rows, PAGE_ROWS), is_counted: false }, signal);
      this.#keep(0, pieces);
      this.#isWhole = !has_more && pieces.length > 0; // if there are none, similar words may find some
      this.isCounted = total !== null;
      this.total = total ?? pieces.length;
      this.tookMs = took_ms;
      this.corrections = corrections;
    });
  }

  /** Fetch the rest of the first page and count all matches, unless that is done. */
  async complete(): Promise<void> {
    if (this.#isWhole || this.#asked.has(0)) return;
    await this.#fetch(0);
    this.changed();
  }

  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  /** Fetch what is missing of a range of rows, and stop fetching what is far from it. */
  want(first: number, last: number): void {
    const [from, to] = [Math.floor(first / PAGE_ROWS), Math.floor(Math.max(first, last - 1) / PAGE_ROWS)];
    for (const [page, { signal }] of this.#asked) if ((page < from - 1 || page > to + 1) && !signal.aborted) this.#asked.get(page)!.abort();
    for (let page = from; page <= to; page++) if (!this.#pages.has(page) && !this.#asked.has(page) && page * PAGE_ROWS < this.total) void this.#fetch(page).then(this.changed);
  }

  stop(): void {
    for (const asked of this.#asked.values()) asked.abort();
  }

  #fetch(page: number): Promise<void> {
    return this.#attempt(page, async (signal) => {
      const answer = await find({ ...this.request, offset: page * PAGE_ROWS, limit: PAGE_ROWS }, signal);
      this.#keep(page, answer.pieces);
      const seen = answer.offset + answer.pieces.length;
      this.isMany ||= answer.total === null && answer.has_more;
      this.total = answer.total ?? Math.max(this.total, this.isMany ? MANY : 0, seen + (answer.has_more ? PAGE_ROWS : 0));
      if (page) return;
      this.#isWhole = this.isCounted = true;
      this.corrections = answer.corrections;
    });
  }

  async #attempt(page: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const asked = new AbortController();
    this.#asked.set(page, asked);
    try {
      await work(asked.signal);
    } catch (error) {
      if (!asked.signal.aborted) this.failed(error);
    } finally {
      this.#asked.delete(page);
    }
  }

  /** Keep a page. Rows that are on screen stay where they are. */
  #keep(page: number, rows: readonly Row[]): void {
    const shown = this.#pages.get(page) ?? [];
    const ids = new Set(shown.map(({ id }) => id));
    this.#pages.set(page, [...shown, ...rows.filter(({ id }) => !ids.has(id))].slice(0, PAGE_ROWS));
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) break;
      if (oldest) this.#pages.delete(oldest);
      else this.#pages.set(0, this.#pages.get(0)!); // the first rows are always at hand
      if (oldest === 0) break;
    }
  }
}
