// The form for doing a call again with other params. The text is sent as it was typed: a number of 64 bits must not go through a double.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Details } from '../protocol.ts';
import type { Store } from './store.ts';

/** Why `text` is not JSON; undefined when it is. The value itself is thrown away. */
function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

export function SendAgain({ store, details }: { store: Store; details: Details }) {
  const [text, setText] = useState(details.params ?? 'null');
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const problem = jsonProblem(text);
  const close = () => {
    store.sendAgain(undefined);
    store.table?.focus();
  };
  const send = () => {
    if (problem) return field.current?.focus();
    void store.open('sendAgain', details.row.row, { params: text });
    close();
  };
  return (
    // no form: a webview is not allowed to submit one
    <section
      class="send-again"
      aria-label="Send again"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
        else if (event.key === 'Escape') close();
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <label for="send-again-params">
        Params of <bdi class="token-name">{store.call?.method ?? details.row.name}</bdi>
      </label>
      <textarea
        id="send-again-params"
        ref={field}
        class={problem ? 'invalid' : ''}
        rows={Math.max(3, Math.min(12, text.split('\n').length))}
        spellcheck={false}
        value={text}
        aria-invalid={problem !== undefined}
        aria-describedby="send-again-problem"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div id="send-again-problem" class="problem" aria-live="polite">
        {problem}
      </div>
      <div class="form-buttons">
        <button type="button" class="button" disabled={problem !== undefined} title="Ctrl+Enter" onClick={send}>
          Send
        </button>
        <button type="button" class="button secondary" onClick={close}>
          Cancel
        </button>
      </div>
    </section>
  );
}
