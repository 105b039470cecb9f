// Work that must not run twice at the same time.

/** Return a function that does the work after any that is under way. Calls that wait for the same turn share it. */
export function inTurn(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const begin = () => {
    next = null;
    return work();
  };
  return () => (next ??= last = last.then(begin, begin));
}
