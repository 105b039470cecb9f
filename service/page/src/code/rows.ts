/**
 * A text cut into rows: its lines, and of endless lines (a minified file, a base64 blob) as many pieces as a browser
 * can lay out. Pure: the page's view of a text is built on it.
 */

const ROW_CHARS = 2000;

export class Rows {
  /** How many lines the text has. */
  readonly lines: number;
  /** How many columns the widest row takes, counted as an editor does. */
  readonly columns: number;

  private constructor(
    readonly text: string,
    /** Where each row begins; one more at the end. */
    private readonly starts: Uint32Array,
    /** The line of each row, from 1. */
    private readonly lineOf: Uint32Array,
  ) {
    this.lines = lineOf.at(-1) ?? 0;
    this.columns = widest(this);
  }

  static of(text: string): Rows {
    const starts: number[] = [];
    const lineOf: number[] = [];
    for (let at = 0, line = 1; at < text.length || line === 1; line++) {
      const found = text.indexOf("\n", at);
      const end = found < 0 ? text.length : found + 1;
      for (let row = at; row < end || row === at; row = rowEnd(text, row, end)) {
        starts.push(row);
        lineOf.push(line);
        if (row === end) break;
      }
      at = end;
    }
    starts.push(text.length);
    return new Rows(text, Uint32Array.from(starts), Uint32Array.from(lineOf));
  }

  get count(): number {
    return this.lineOf.length;
  }

  start(row: number): number {
    return this.starts[row]!;
  }

  /** Where the row's visible text ends: before its line break. */
  end(row: number): number {
    let end = this.starts[row + 1]!;
    if (end > this.start(row) && this.text[end - 1] === "\n") end--;
    if (end > this.start(row) && this.text[end - 1] === "\r") end--;
    return end;
  }

  line(row: number): number {
    return this.lineOf[row]!;
  }

  /** Whether the row begins a line; the others continue one. */
  isFirst(row: number): boolean {
    return row === 0 || this.lineOf[row] !== this.lineOf[row - 1];
  }

  /** The first row of a line; of a line behind the last, one behind the last row. */
  rowOfLine(line: number): number {
    return this.#search((row) => this.lineOf[row]! >= line);
  }

  /** The row that holds this offset of the text; behind the end, the last one. */
  rowAt(offset: number): number {
    return this.rowAfter(offset) - 1;
  }

  /** The first row that begins behind this offset; at the end, one behind the last row. */
  rowAfter(offset: number): number {
    return this.#search((row) => this.starts[row]! > offset);
  }

  /** The first row for which a claim holds that, once true, stays true. */
  #search(holds: (row: number) => boolean): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function rowEnd(text: string, row: number, end: number): number {
  if (end - row <= ROW_CHARS + 1) return end;
  const at = row + ROW_CHARS;
  const isPair = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  return isPair ? at + 1 : at;
}

const TAB_COLUMNS = 4;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** An estimate that is never too small by much: the columns of the longest rows, tabs and wide characters counted. */
function widest(rows: Rows): number {
  let columns = 0;
  for (let row = 0; row < rows.count; row++) {
    const size = rows.end(row) - rows.start(row);
    if (size * TAB_COLUMNS <= columns) continue;
    const text = rows.text.slice(rows.start(row), rows.end(row));
    const tabs = text.includes("\t") ? text.split("\t").length - 1 : 0;
    columns = Math.max(columns, size + tabs * (TAB_COLUMNS - 1) + (text.match(WIDE)?.length ?? 0));
  }
  return columns;
}
