/**
 * Splits text into rows: one for each line, and several for lines too long for a browser to lay out (minified code,
 * base64). Independent of the document.
 */

const ROW_CHARS = 2000;

export class Rows {
  readonly lines: number;
  /** The width of the widest row in columns, as an editor counts them. */
  readonly columns: number;

  private constructor(
    readonly text: string,
    /** The offset of each row, and the end of the text. */
    private readonly starts: Uint32Array,
    /** The line of each row, from 1. */
    private readonly lineOf: Uint32Array,
  ) {
    this.lines = lineOf.at(-1) ?? 0;
    this.columns = widestRow(this);
  }

  static of(text: string): Rows {
    const starts: number[] = [];
    const lineOf: number[] = [];
    for (let at = 0, line = 1; at < text.length || line === 1; line++) {
      const lineFeed = text.indexOf("\n", at);
      const end = lineFeed < 0 ? text.length : lineFeed + 1;
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

  /** The end of the row's text, without its line break. */
  end(row: number): number {
    let end = this.starts[row + 1]!;
    if (end > this.start(row) && this.text[end - 1] === "\n") end--;
    if (end > this.start(row) && this.text[end - 1] === "\r") end--;
    return end;
  }

  line(row: number): number {
    return this.lineOf[row]!;
  }

  /** Whether the row starts a line; other rows continue one. */
  isFirst(row: number): boolean {
    return row === 0 || this.lineOf[row] !== this.lineOf[row - 1];
  }

  /** The first row of a line; `count` for a line past the end. */
  rowOfLine(line: number): number {
    return this.#search((row) => this.lineOf[row]! >= line);
  }

  /** The row that contains the offset; the last row for an offset past the end. */
  rowAt(offset: number): number {
    return this.rowAfter(offset) - 1;
  }

  /** The first row that starts after the offset; `count` at the end. */
  rowAfter(offset: number): number {
    return this.#search((row) => this.starts[row]! > offset);
  }

  /** Binary search for the first row for which `holds` is true. */
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
const IS_UNEVEN = /[\t\u1100-\uffe6]/; // tabs, and anything that may be wide
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** Estimate the columns of the widest row, with tabs and wide characters. */
function widestRow(rows: Rows): number {
  const isEven = !IS_UNEVEN.test(rows.text);
  let columns = 0;
  for (let row = 0; row < rows.count; row++) {
    const size = rows.end(row) - rows.start(row);
    if (isEven || size * TAB_COLUMNS <= columns) {
      columns = Math.max(columns, size);
      continue;
    }
    const text = rows.text.slice(rows.start(row), rows.end(row));
    const tabs = text.includes("\t") ? text.split("\t").length - 1 : 0;
    columns = Math.max(columns, size + tabs * (TAB_COLUMNS - 1) + (text.match(WIDE)?.length ?? 0));
  }
  return columns;
}
