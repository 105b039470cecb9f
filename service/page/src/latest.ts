/** Which answer counts: if something is asked twice, the first answer may come last. */

export class Latest {
  #asked = 0;

  /** Ask anew. Call the result to learn whether this is still the latest. */
  ask(): () => boolean {
    const number = ++this.#asked;
    return () => number === this.#asked;
  }
}
