// Pieces as the server answers them, and what the view and the editor show of them.

/** A Piece without its text, as `satchel.search` answers. */
export interface Piece {
  readonly id: string;
  readonly title: string;
  readonly language: string | null;
  readonly tags: readonly string[];
  readonly media_type: string;
  readonly updated: string;
  readonly revision: number;
  readonly likeness?: number;
}

/** A Piece with its text, as `satchel.read` answers. */
export interface ReadPiece extends Piece {
  readonly text: string | null;
  readonly is_snippet: boolean;
}

/** Runs a command of the server. */
export type Run = (command: string, ...args: unknown[]) => Promise<unknown>;

export const MOST_LISTED = 200;

/** The Pieces of this device, as the server sees them. */
export class Pieces {
  constructor(private readonly run: Run) {}

  /** Return the Pieces that a query finds; for an empty one the last changed. */
  async find(query: string): Promise<readonly Piece[]> {
    const answer = (await this.run("satchel.search", query, MOST_LISTED)) as { pieces: readonly Piece[] };
    return answer.pieces;
  }

  /** Return a Piece with its text. */
  async read(id: string): Promise<ReadPiece> {
    return (await this.run("satchel.read", id)) as ReadPiece;
  }

  /** Return the Pieces that resemble a selection, the most similar first. */
  async similar(uri: string, range: unknown): Promise<readonly Piece[]> {
    const answer = (await this.run("satchel.findSimilar", { uri, range }, true)) as { pieces: readonly Piece[] };
    return answer.pieces;
  }
}

/** Return what a list shows of a Piece: its title, and beside it the language and the tags. */
export function labelOf(piece: Piece): { label: string; description: string } {
  const likeness = piece.likeness === undefined ? [] : [`${Math.round(piece.likeness * 100)}%`];
  const beside = [...likeness, piece.language ?? "", ...piece.tags.map((tag) => `#${tag}`)];
  return { label: piece.title || piece.id.slice(0, 10), description: beside.filter(Boolean).join(" ") };
}

/** Return the snippet that inserts a Piece: with its tab stops if it is one, else exactly its text. Null for an image. */
export function snippetOf(piece: ReadPiece): string | null {
  if (piece.text === null) return null;
  const text = piece.text.replace(/\n$/, "");
  return piece.is_snippet ? text : text.replace(/[\\$}]/g, "\\$&");
}
