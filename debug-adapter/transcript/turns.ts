// Long work in short turns: session code runs on the extension host's main thread, which must never be held up. Contract E2.

/** ms of work in a row. */
export const TURN_MS = 8;

/** Lets everything else that waits have its turn. */
export function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Repeats `work`, which does at most TURN_MS of it and says whether it is done, with a turn for others between. */
export async function inTurns(work: (budget: number) => boolean): Promise<void> {
  while (!work(TURN_MS)) await othersFirst();
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
