// Text of a plugin as Markdown that shows it and does nothing else: no markup, no links, no commands.
import { visible } from '../../debug-adapter/transcript/transcript-line.ts';

/** Characters of a payload that a tooltip shows. */
const MOST = 2000;

/** A text in a line of Markdown. */
export const plain = (text: string): string =>
  visible(text).replace(/[\\`*_{}[\]()#+\-.!<>&|~$:@"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** A text as a block of code, cut where it is long. */
export function block(text: string, language = 'json'): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST).replace(/[\ud800-\udbff]$/, '')}…` : text;
  const longest = Math.max(2, ...(cut.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  const lines = cut.split(/\r\n|\r|\n/).map(visible);
  return `${fence}${language}\n${lines.join('\n')}\n${fence}`;
}
