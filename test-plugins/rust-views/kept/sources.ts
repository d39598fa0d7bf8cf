// The sources of the module that is kept, each with its checksum, as sha256sum prints them: without the comments at the ends of their lines,
// which say what a debugger shows and may change while the module need not, and without what is for the pdk only, which the module is built without.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const CRATE = new URL('../', import.meta.url);

/** A module or a function of main.rs that the build leaves out. */
const LEFT_OUT = /^#\[cfg\(feature = "pdk"\)\]\n(?:mod (\w+);|fn [^\n]*\{\n[\s\S]*?\n\})$/gm;

/** What `rust-views-1.85.sources` must say; `crate` is the folder of rust-views. */
export function sourcesOfKept(crate: URL = CRATE): string {
  const read = (name: string): string =>
    fs.readFileSync(new URL(`src/${name}`, crate), 'utf8').replaceAll('\r\n', '\n');
  const leftOut = new Set([...read('main.rs').matchAll(LEFT_OUT)].map(([, module]) => `${module}.rs`));
  const names = fs.readdirSync(new URL('src/', crate)).sort();
  const lines = names
    .filter((name) => !leftOut.has(name))
    .map((name) => {
      const code = read(name)
        .replace(/[ \t]*\/\/ (?:view|entries|length|stop|panic|trap): .*$/gm, '')
        // the lines behind it are where they are
        .replace(LEFT_OUT, (item) => item.replace(/[^\n]+/g, ''));
      return `${crypto.createHash('sha256').update(code).digest('hex')}  src/${name}\n`;
    });
  return lines.join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(sourcesOfKept());
