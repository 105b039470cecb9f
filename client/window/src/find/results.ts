/** The results of a search: rows by their index, fetched in pages when they come into view. */

import { find, type Correction, type FindRequest, type Row } from "../api";

export const PAGE_ROWS = 100;
/** Pages kept beside those in view. */
const MAX_PAGES = 60;

export interface Progress {
  readonly total: number;
  readonly corrections: readonly Correction[];
}

export class Results {
  readonly #pages = new Map<number, readonly Row[]>();
  readonly #asked = new Map<number, AbortController>();
  total = 0;
  corrections: readonly Correction[] = [];

  constructor(
    readonly request: FindRequest,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** Fetch the first rows: few, so that they are on screen soon. */
  async begin(): Promise<void> {
    await this.#fetch(0);
  }

  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS];
  }

  /** Fetch what is missing of a range of rows, and stop fetching what is far from it. */
  want(first: number, last: number): void {
    const [from, to] = [Math.floor(first / PAGE_ROWS), Math.floor(Math.max(first, last - 1) / PAGE_ROWS)];
    for (const [page, { signal }] of this.#asked) if ((page < from - 1 || page > to + 1) && !signal.aborted) this.#asked.get(page)!.abort();
    for (let page = from; page <= to; page++) if (!this.#pages.has(page) && !this.#asked.has(page) && page * PAGE_ROWS < this.total) void this.#fetch(page);
  }

  stop(): void {
    for (const asked of this.#asked.values()) asked.abort();
  }

  async #fetch(page: number): Promise<void> {
    const asked = new AbortController();
    this.#asked.set(page, asked);
    try {
      const answer = await find({ ...this.request, offset: page * PAGE_ROWS, limit: PAGE_ROWS }, asked.signal);
      this.#keep(page, answer.pieces);
      const seen = answer.offset + answer.pieces.length;
      this.total = answer.total ?? Math.max(this.total, seen + (answer.has_more ? PAGE_ROWS : 0));
      if (page === 0) this.corrections = answer.corrections;
      this.changed();
    } catch (error) {
      if (!asked.signal.aborted) this.failed(error);
    } finally {
      this.#asked.delete(page);
    }
  }

  #keep(page: number, rows: readonly Row[]): void {
    this.#pages.set(page, rows);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) break;
      if (oldest) this.#pages.delete(oldest);
      else this.#pages.set(0, this.#pages.get(0)!); // the first rows are always at hand
      if (oldest === 0) break;
    }
  }
}
