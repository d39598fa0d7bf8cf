// Words of a command line as a shell takes them, so that what is pasted arrives as it was. Pure.

/** Which shell reads the command. `powershell` is the one of Windows itself (5.1), `pwsh` the one since. */
export type Shell = 'posix' | 'cmd' | 'powershell' | 'pwsh';

/** The kind of a shell by its path, `C:\…\cmd.exe` or `/bin/zsh`. */
export function shellOf(program: string): Shell {
  const name = program
    .replace(/^.*[\\/]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase();
  return name === 'cmd' || name === 'powershell' || name === 'pwsh' ? name : 'posix';
}

/** Words that every shell takes as they are. */
const PLAIN = /^[\w./:=@+-]+$/;
const PLAIN_WINDOWS = /^[\w./:=+\\-]+$/;

/** One word of a command line. */
export function shellWord(word: string, shell: Shell): string {
  switch (shell) {
    case 'posix':
      return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
    case 'pwsh':
      return PLAIN_WINDOWS.test(word) ? word : `'${word.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
    case 'powershell': {
      if (PLAIN_WINDOWS.test(word)) return word;
      // 5.1 passes quotes on unescaped, and puts its own only around what has a space
      const escaped = /\s/.test(word) ? inQuotes(word) : word.replaceAll(/(\\*)"/g, '$1$1\\"');
      return word === '' ? `'""'` : `'${escaped.replaceAll(/['‘’‚‛]/g, '$&$&')}'`;
    }
    case 'cmd': {
      if (PLAIN_WINDOWS.test(word)) return word;
      // cmd looks at it twice: as it is typed, and in npx.cmd
      const twice = (text: string) => text.replaceAll(/[()%!^"<>&|;, *?]/g, '^$&');
      return twice(twice(`"${inQuotes(word)}"`));
    }
  }
}

/** As the C library of Windows reads an argument in quotes: backslashes count before a quote only. */
function inQuotes(word: string): string {
  return word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
}

/** A whole command. */
export const shellCommand = (words: readonly string[], shell: Shell): string =>
  words.map((word) => shellWord(word, shell)).join(' ');
