// What is in a .vsix: the names in the central directory of a ZIP file, and the names that may be there.
// Not an unpacker.

/** Files that a package may hold, relative to `extension/`. The counterpart of .vscodeignore, which decides what is taken in. */
const ALLOWED: readonly RegExp[] = [
  /^package\.json$/,
  /^readme\.md$/i,
  /^LICENSE(\.txt|\.md)?$/,
  /^dist\/(extension\.cjs|worker\.mjs|cli\.js|transcript\.(js|css)|codicon\.ttf|third-party-notices\.txt)$/,
  /^media\/[\w.-]+\.(png|svg|js|css)$/,
  /^syntaxes\/[\w.-]+\.json$/,
  /^schemas\/[\w.-]+\.json$/,
];

/** What vsce itself puts beside `extension/`. */
const ENVELOPE = new Set(['[Content_Types].xml', 'extension.vsixmanifest']);

/** Largest package, in bytes. */
export const MAX_BYTES = 2_000_000;

/** Names of a ZIP file's entries (APPNOTE 4.3.12, without ZIP64). Throws when `zip` is no ZIP file. */
export function entries(zip: Uint8Array): string[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error('Not a ZIP file: it has no end of central directory.');
  const names: string[] = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error(`Not a ZIP file: no directory entry at byte ${at}.`);
    const nameLength = view.getUint16(at + 28, true);
    names.push(new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameLength)));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return names;
}

/** The entries of a .vsix that have no business there. */
export function strangers(names: readonly string[]): string[] {
  return names.filter((name) => {
    if (ENVELOPE.has(name)) return false;
    if (!name.startsWith('extension/')) return true;
    return !ALLOWED.some((allowed) => allowed.test(name.slice('extension/'.length)));
  });
}
