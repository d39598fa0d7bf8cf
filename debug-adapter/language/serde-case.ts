// The letter cases of `#[serde(rename_all = "…")]`, letter by letter as serde_derive applies them: fields are taken to be
// in snake_case, variants in PascalCase. A case that serde does not have changes nothing.

/** The name that serde reads a field by. */
export function renameField(name: string, renameAll: string | undefined): string {
  switch (renameAll) {
    case 'UPPERCASE':
    case 'SCREAMING_SNAKE_CASE':
      return upper(name);
    case 'PascalCase':
      return pascal(name);
    case 'camelCase': {
      const text = pascal(name);
      return lower(text.slice(0, 1)) + text.slice(1);
    }
    case 'kebab-case':
      return name.replaceAll('_', '-');
    case 'SCREAMING-KEBAB-CASE':
      return upper(name).replaceAll('_', '-');
    default:
      return name;
  }
}

/** The name that serde reads a variant by. */
export function renameVariant(name: string, renameAll: string | undefined): string {
  switch (renameAll) {
    case 'lowercase':
      return lower(name);
    case 'UPPERCASE':
      return upper(name);
    case 'camelCase':
      return lower(name.slice(0, 1)) + name.slice(1);
    case 'snake_case':
      return snake(name);
    case 'SCREAMING_SNAKE_CASE':
      return upper(snake(name));
    case 'kebab-case':
      return snake(name).replaceAll('_', '-');
    case 'SCREAMING-KEBAB-CASE':
      return upper(snake(name)).replaceAll('_', '-');
    default:
      return name;
  }
}

function pascal(name: string): string {
  let text = '';
  let capital = true;
  for (const letter of name) {
    if (letter !== '_') text += capital ? upper(letter) : letter;
    capital = letter === '_';
  }
  return text;
}

function snake(name: string): string {
  return name.replace(/\p{Uppercase}/gu, (letter, at: number) => (at > 0 ? '_' : '') + lower(letter));
}

// serde changes ASCII letters only.
function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
