/** A promise that is rejected from outside, and never fulfilled. */
export function rejectable(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject!: (reason: unknown) => void;
  const promise = new Promise<never>((_, onReject) => (reject = onReject));
  return { promise, reject };
}

/** The same promise: a check may fail for another reason before it comes to look at this one, which is no fault of the suite then. */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
