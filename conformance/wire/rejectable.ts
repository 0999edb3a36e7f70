/** A promise that is rejected from outside, and never fulfilled. */
export function rejectable(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject!: (reason: unknown) => void;
  const promise = new Promise<never>((_, onReject) => (reject = onReject));
  return { promise, reject };
}
