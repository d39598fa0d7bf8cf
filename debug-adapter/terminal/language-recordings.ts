// Recordings that an editor has open: looked at in short turns, once a version, and no further when the text has changed or was closed. Contract E2.
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { indexRecording, type RecordingIndex } from '../language/recording-index.ts';

/** A turn's length (ms). */
const TURN_MS = 20;

interface Looking {
  readonly version: number;
  readonly found: Promise<RecordingIndex | undefined>;
}

export class OpenRecordings {
  readonly #get: (uri: string) => TextDocument | undefined;
  readonly #looking = new Map<string, Looking>();

  /** `get` gives a document as it is now. */
  constructor(get: (uri: string) => TextDocument | undefined) {
    this.#get = get;
  }

  /** Undefined where the text changed, or was closed, before its end was reached. */
  index(document: TextDocument): Promise<RecordingIndex | undefined> {
    const { uri, version } = document;
    const known = this.#looking.get(uri);
    if (known?.version === version) return known.found;
    const found = this.#look(document, () => this.#get(uri)?.version !== version);
    this.#looking.set(uri, { version, found });
    return found;
  }

  async #look(document: TextDocument, stale: () => boolean): Promise<RecordingIndex | undefined> {
    const steps = indexRecording(document.getText());
    let end = performance.now() + TURN_MS;
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() < end) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (stale()) return undefined;
      end = performance.now() + TURN_MS;
    }
  }

  closed(uri: string): void {
    this.#looking.delete(uri);
  }
}
