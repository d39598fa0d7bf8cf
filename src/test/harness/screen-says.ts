// What a test of the workbench waits for while a call is debugged: arrow, Variables, Call Stack and Debug Console that say what a pattern
// does. Rows are matched as one text, a line each. How the screen is read is in debug-views.ts.
import type { Page } from 'playwright-core';
import { arrowLine, callStackRows, consoleRows, eventually, variableRows } from './debug-views.ts';

const rowsSay = (where: string, read: () => Promise<string[]>, pattern: RegExp, timeoutMs?: number) =>
  eventually(`${pattern} in ${where}`, read, (rows) => pattern.test(rows.join('\n')), timeoutMs);

/** Waits for the arrow to stand at a line of the active editor that `pattern` matches. */
export const arrowAt = (page: Page, pattern: RegExp, timeoutMs?: number) =>
  eventually(
    `the arrow at ${pattern}`,
    () => arrowLine(page),
    (line) => pattern.test(line ?? ''),
    timeoutMs,
  );

export const variablesSay = (page: Page, pattern: RegExp) => rowsSay('Variables', () => variableRows(page), pattern);

export const callStackSays = (page: Page, pattern: RegExp) =>
  rowsSay('the Call Stack', () => callStackRows(page), pattern);

export const consoleSays = (page: Page, pattern: RegExp, timeoutMs?: number) =>
  rowsSay('the Debug Console', () => consoleRows(page), pattern, timeoutMs);

/** Waits until no call is debugged any more. */
export const sessionEnded = (page: Page): Promise<void> => page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
