// The sources of the module that is kept, each with its checksum, as sha256sum prints them: without the comments at the ends of their lines,
// which say what a debugger shows and may change while the module need not.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const CRATE = new URL('../', import.meta.url);

/** What `rust-views-1.85.sources` must say. */
export function sourcesOfKept(): string {
  const names = fs.readdirSync(new URL('src/', CRATE)).sort();
  const lines = names.map((name) => {
    const text = fs.readFileSync(new URL(`src/${name}`, CRATE), 'utf8').replaceAll('\r\n', '\n');
    const code = text.replace(/[ \t]*\/\/ (?:view|entries|length|stop|panic|trap): .*$/gm, '');
    return `${crypto.createHash('sha256').update(code).digest('hex')}  src/${name}\n`;
  });
  return lines.join('');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(sourcesOfKept());
