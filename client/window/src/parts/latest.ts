/** Late answers: of what was asked twice, the first answer may come last. */

export class Latest {
  #asked = 0;

  /** Ask anew. What is returned says whether nothing has been asked since. */
  ask(): () => boolean {
    const number = ++this.#asked;
    return () => number === this.#asked;
  }
}
