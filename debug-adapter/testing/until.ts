// Waiting in tests for what they assert, however slow the machine is. Only tests import it.
import { setTimeout as delay } from 'node:timers/promises';

/** Looks every 5 ms, and resolves with the first value that is neither undefined nor false. @throws Error naming `what` after a minute */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const end = performance.now() + 60_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited a minute in vain for ${what}`);
    await delay(5);
  }
}
