// Lines out of text that comes in pieces, as a process writes it. Not node:readline, which also ends lines at U+2028 and U+2029: JSON may hold those as
// they are. Pure. Contract E4.

/** The most characters of a line (UTF-16 units): far below what a string may have at all. */
export const LONGEST_LINE = 128 * 1024 * 1024;

export class TextLines {
  readonly #longest: number;
  #pieces: string[] = [];
  #length = 0;

  constructor(longest = LONGEST_LINE) {
    this.#longest = longest;
  }

  /** The lines that `text` ends, without "\n" and a "\r" before it; undefined where one is too long: nothing can be read from then on. */
  push(text: string): string[] | undefined {
    const parts = text.split('\n');
    const rest = parts.pop() ?? '';
    const lines: string[] = [];
    for (const part of parts) {
      if (!this.#keep(part)) return undefined;
      lines.push(this.#pieces.join('').replace(/\r$/, ''));
      this.#pieces = [];
      this.#length = 0;
    }
    return this.#keep(rest) ? lines : undefined;
  }

  #keep(part: string): boolean {
    this.#length += part.length;
    if (this.#length > this.#longest) {
      this.#pieces = [];
      return false;
    }
    if (part !== '') this.#pieces.push(part);
    return true;
  }
}
