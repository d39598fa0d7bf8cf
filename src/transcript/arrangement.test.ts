// What VS Code keeps of the panel: checked when it comes back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Arrangement } from './arrangement.ts';

class Memory {
  readonly kept = new Map<string, unknown>();
  get(key: string): unknown {
    return this.kept.get(key);
  }
  async update(key: string, value: unknown): Promise<void> {
    this.kept.set(key, value);
  }
}

describe('how the panel is arranged', () => {
  it('comes back as it was kept', () => {
    const arrangement = new Arrangement(new Memory(), new Memory());
    assert.deepEqual(arrangement.settings(), {});
    arrangement.keep({ axis: 'time', columns: [{ column: 'name', width: 90 }] });
    assert.deepEqual(arrangement.settings(), { axis: 'time', columns: [{ column: 'name', width: 90 }] });
  });

  it('what another version has kept does no harm', () => {
    const person = new Memory();
    person.kept.set('transcript.settings', { columns: 'all' });
    const workspace = new Memory();
    workspace.kept.set('transcript.filters', [1, 'kind:error']);
    const arrangement = new Arrangement(person, workspace);
    assert.deepEqual(arrangement.settings(), {});
    assert.deepEqual(arrangement.history(), ['kind:error']);
  });

  it('filters: the last one first, each once, not too many', () => {
    const arrangement = new Arrangement(new Memory(), new Memory());
    for (let i = 0; i < 50; i++) arrangement.addHistory(`id:${i}`);
    arrangement.addHistory('id:40');
    const history = arrangement.history();
    assert.deepEqual(history.slice(0, 3), ['id:40', 'id:49', 'id:48']);
    assert.equal(history.length, 30);
  });
});
