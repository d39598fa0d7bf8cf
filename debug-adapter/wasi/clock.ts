// Clocks for clock_time_get and poll_oneoff: nanoseconds since 1970, real or virtual. They read no clock of the platform
// themselves: RealClock is given one. Contract E7.

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  now(): bigint;
}

/** The platform's time, which stands still while the guest is paused and goes on from there. */
export class RealClock implements Clock {
  readonly #source: () => bigint;
  /** How far this clock is behind the platform's, in ns. */
  #behind = 0n;
  #pausedAt: bigint | undefined;

  /** @param source the platform's time in ns since 1970. */
  constructor(source: () => bigint) {
    this.#source = source;
  }

  get paused(): boolean {
    return this.#pausedAt !== undefined;
  }

  now(): bigint {
    return (this.#pausedAt ?? this.#source()) - this.#behind;
  }

  /** Stops the clock; does nothing when it stands already. */
  pause(): void {
    this.#pausedAt ??= this.#source();
  }

  /** Lets the clock go on where it stood; does nothing when it runs already. */
  resume(): void {
    if (this.#pausedAt === undefined) return;
    this.#behind += this.#source() - this.#pausedAt;
    this.#pausedAt = undefined;
  }
}

/** Time that passes only when told to: the same in every run. */
export class VirtualClock implements Clock {
  #now: bigint;

  /** @param start ns since 1970, or ISO 8601 text (see {@link parseTime}, whose error comes through). */
  constructor(start: bigint | string) {
    this.#now = typeof start === 'string' ? parseTime(start) : start;
  }

  now(): bigint {
    return this.#now;
  }

  /** Lets `ns` pass. A negative span is a mistake of the caller's: guests rely on time not going backwards. */
  advanceBy(ns: bigint): void {
    if (ns < 0n) throw new RangeError(`a clock cannot go back by ${-ns} ns`);
    this.#now += ns;
  }
}

const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Nanoseconds since 1970 of an ISO 8601 time such as `2024-01-31T12:00:00.5Z`. Unlike Date.parse it knows nanoseconds,
 * and takes a time without a zone as UTC: a recording must not depend on where it was made.
 * @throws RangeError with one sentence when the text is no such time.
 */
export function parseTime(text: string): bigint {
  const match = ISO_TIME.exec(text.trim());
  if (match !== null) {
    const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
    const date = `${year}-${month}-${day}`;
    const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
    const ms = Date.parse(`${date}T${hour}:${minute}:${second}${offset}`);
    // Date.parse takes February 30 as March 1: the day alone must come out as it went in.
    const midnight = Date.parse(`${date}T00:00:00Z`);
    if (!Number.isNaN(ms) && !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date))
      return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
  }
  throw new RangeError(`'${text}' is not a time: write it like 2024-01-31T12:00:00Z`);
}

/** `2024-01-31T12:00:00.000000005Z`; nine digits, as the guest gets them. Times no Date can hold are shown as plain ns. */
export function formatTime(ns: bigint): string {
  const second = ns / 1_000_000_000n - (ns % 1_000_000_000n < 0n ? 1n : 0n);
  const fraction = ns - second * 1_000_000_000n;
  const date = new Date(Number(second) * 1000);
  if (Number.isNaN(date.getTime())) return `${ns} ns since 1970`;
  return date.toISOString().replace(/\.\d+Z$/, `.${fraction.toString().padStart(9, '0')}Z`);
}
