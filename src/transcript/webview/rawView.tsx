// The line as it crossed: its text, with what can't be seen made visible, or its bytes.
import { useState } from 'preact/hooks';
import type { Details } from '../protocol.ts';
import { HexView } from './hexView.tsx';
import { bytesText } from './numbers.ts';
import { pieces } from './payloadText.ts';
import type { Store } from './store.ts';

export function RawView({ store, details }: { store: Store; details: Details }) {
  const [asBytes, setAsBytes] = useState(false);
  const { raw, row } = details;
  if (!raw) return <p class="hint">This event has no line of its own.</p>;
  const said = [bytesText(raw.bytes), raw.utf8 ? 'UTF-8' : 'not UTF-8: what is wrong is shown as \ufffd'];
  return (
    <div class="raw">
      <div class="raw-head">
        <span>{said.join(', ')}</span>
        <button type="button" class="button secondary" aria-pressed={asBytes} onClick={() => setAsBytes(!asBytes)}>
          {asBytes ? 'Show Text' : 'Show Bytes'}
        </button>
      </div>
      {asBytes ? (
        <HexView key={row.row} store={store} row={row.row} size={raw.bytes} />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys have to reach it for that
        <pre class="raw-text" dir="auto" tabIndex={0}>
          {pieces(raw.text).map((piece, index) =>
            piece.control ? (
              <span key={index} class="control" title={piece.control}>
                {piece.text}
              </span>
            ) : (
              piece.text
            ),
          )}
          {raw.cut && (
            <span class="cut">{`\n… cut here: the line has ${bytesText(raw.bytes)}. Show Bytes has all of it.`}</span>
          )}
        </pre>
      )}
    </div>
  );
}
