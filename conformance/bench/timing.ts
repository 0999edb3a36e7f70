/** Milliseconds that something takes. */
export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/** Runs so many of the tasks at a time until all are done. */
export async function atOnce(tasks: readonly (() => Promise<unknown>)[], lanes: number): Promise<void> {
  const left = tasks.values();
  const lane = async (): Promise<void> => {
    for (const task of left) await task();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Milliseconds that each of the calls takes, one after the other. */
export async function inTurn(count: number, call: (index: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) times.push(await timed(() => call(index)));
  return times;
}
