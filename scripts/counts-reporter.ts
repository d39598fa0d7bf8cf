// A reporter for node:test that yields one JSON object when all is done: what scripts/test.ts adds up.
// Beside it, the spec reporter prints for people.
import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';

export type Counts = { passed: number; failed: number; skipped: string[] };

// A test or suite that failed only because something inside it did would be counted twice.
const onlyInside = ({ details }: EventData.TestFail) =>
  'failureType' in details.error && details.error.failureType === 'subtestsFailed';

/** `{"passed":N,"failed":N,"skipped":["name: reason",…]}`; a file that cannot even be loaded is a failed test. */
export default async function* counts(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const total: Counts = { passed: 0, failed: 0, skipped: [] };
  for await (const event of source) {
    if (event.type === 'test:fail' && !onlyInside(event.data)) total.failed++;
    if (event.type !== 'test:pass') continue;
    const { name, skip, details } = event.data;
    if (skip !== undefined) total.skipped.push(typeof skip === 'string' && skip ? `${name}: ${skip}` : name);
    else if (details.type !== 'suite') total.passed++;
  }
  yield JSON.stringify(total);
}
