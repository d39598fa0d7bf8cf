// The lines of a plugin are read once for all its calls, and kept by the content of the module. Contract E2.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { needs, platform, pluginBytes } from '../testing/run-call.ts';
import { breakOn, SourceSession, textAt } from '../testing/source-session.ts';

const ENTRY = '// stop: structs';
const stopsAt = async (plugin: string | Uint8Array): Promise<{ text: string; session: SourceSession }> => {
  const session = new SourceSession(plugin, 'structs', 'null', [breakOn('rust-views/src/structs.rs', ENTRY)]);
  const text = textAt(await session.standing());
  await session.end();
  return { text, session };
};

/** With a section of its own at the end: no other test has this module. */
function unlike(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const mark = new TextEncoder().encode(crypto.randomUUID());
  const section = Uint8Array.of(0, mark.length + 1, mark.length, ...mark);
  const copy = new Uint8Array(bytes.length + section.length);
  copy.set(bytes);
  copy.set(section, bytes.length);
  return copy;
}

describe('lines of a plugin', needs('rust-views.debug'), () => {
  it('E2: are read for its first call and kept for those to come, where all threads see them', async () => {
    const bytes = unlike(pluginBytes('rust-views.debug'));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    assert.equal(platform.modules.lines(sha256), undefined);
    const { text } = await stopsAt(bytes.slice());
    assert.equal(text, 'stop_here();');
    const kept = platform.modules.lines(sha256) ?? assert.fail('nothing was kept');
    assert.ok(kept.rows.count > 10_000);
    assert.ok(kept.rows.offset.buffer instanceof SharedArrayBuffer);
    assert.deepEqual(kept.problems, []);
    // the next call takes them as they are: where they are wrong the breakpoint stands nowhere
    const line = kept.rows.line.map(() => 1);
    platform.modules.putLines(sha256, { ...kept, rows: { ...kept.rows, line } });
    assert.equal((await stopsAt(bytes.slice())).text, 'result');
  });

  it('E4: what of them cannot be read is said in one sentence, in every call, and the plugin runs', async () => {
    const bytes = pluginBytes('rust-views.debug');
    const name = new TextEncoder().encode('.debug_line');
    const at = Buffer.from(bytes.buffer).indexOf(name) + name.length;
    // the version of the first line program
    bytes[at + 4] = 99;
    for (let call = 0; call < 2; call++) {
      const { text, session } = await stopsAt(bytes.slice());
      assert.equal(text, 'stop_here();');
      assert.equal(session.problems.length, 1);
      assert.match(
        session.problems[0] ?? '',
        /^Not all of the debug information of .* can be read, so lines and variables may be missing: The line program at 0x0 can't be read: .*99.*\. Building the plugin anew helps where the file was damaged\.$/,
      );
    }
  });
});
