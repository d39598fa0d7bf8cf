// Rust symbols as people wrote them: picks the mangling (legacy or v0) and keeps what LLVM appended. Not a demangler of
// C++ or Swift: every name that is not a whole Rust symbol comes back unchanged.
import { demangleLegacy } from './demangle-legacy.ts';
import { demangleV0 } from './demangle-v0.ts';

/**
 * Longest symbol read and longest text written, in UTF-16 units. rustc's own symbols stay far below; a forged one may ask
 * for terabytes with a dozen back references.
 */
export const MAX_SYMBOL_LENGTH = 1 << 16;

/** What a demangler found: the readable text, and where in the symbol it stopped reading. */
export interface Demangled {
  readonly text: string;
  readonly end: number;
}

export interface DemangleOptions {
  /** Also what tells equal names apart: the legacy hash, v0 crate disambiguators and the types of constants. */
  readonly hash?: boolean;
}

const LLVM_SUFFIX = /\.llvm\.[A-F0-9@]*$/;
const PRINTABLE_ASCII = /^\.[!-~]*$/;

/**
 * The readable form of a Rust symbol, as the crate `rustc-demangle` prints it with `{:#}` (with `{}` if `hash` is set).
 * Never throws and ends soon, whatever it is given; a symbol that is not wholly understood comes back unchanged. Unlike
 * the crate it does not take symbols that lost their underscore to Windows (`RNv…`): in Wasm a C function may well be
 * called `RC4_init`.
 */
export function demangle(symbol: string, options?: DemangleOptions): string {
  if (symbol.length > MAX_SYMBOL_LENGTH || symbol.length < 4) return symbol;
  // Most names of a C plugin end here.
  const underscores = symbol.startsWith('__') ? 2 : symbol.charCodeAt(0) === 0x5f /* _ */ ? 1 : 0;
  const isV0 = underscores === 1 && symbol.charCodeAt(1) === 0x52; /* R */
  const isLegacy = !isV0 && symbol.startsWith('ZN', underscores);
  if (!isV0 && !isLegacy) return symbol;

  // ThinLTO renames internal symbols last, so its suffix comes off first and says nothing to people.
  const cut = LLVM_SUFFIX.exec(symbol);
  const mangled = cut === null ? symbol : symbol.slice(0, cut.index);
  const hash = options?.hash === true;
  const found = isV0 ? demangleV0(mangled, 2, hash) : demangleLegacy(mangled, underscores + 2, hash);
  if (found === undefined || found.text === '') return symbol;
  if (found.end === mangled.length) return found.text;
  // LLVM and linkers add words set off by points (`.exit.i.i`, `.command_export`); anything else was no Rust symbol.
  const suffix = mangled.slice(found.end);
  return PRINTABLE_ASCII.test(suffix) ? found.text + suffix : symbol;
}
