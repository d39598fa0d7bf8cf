// The words of the command line for what the rooms below call by the fields of a launch. Pure.

/** Options and positionals by the field of the launch arguments that they fill. */
const FIELDS: Readonly<Record<string, string>> = {
  mocks: '--mocks',
  hostCommand: '--host-command',
  clock: '--clock',
  seed: '--seed',
  slice: '--slice',
  'limits.fuel': '--fuel-limit',
  'limits.wallMs': '--timeout',
  'limits.memory': '--memory-limit',
  'limits.events': '--event-limit',
  'limits.output': '--output-limit',
  'limits.line': '--line-limit',
  env: '--env',
  args: '--arg',
  features: '--features',
  missingImports: '--missing-imports',
  record: '--record',
  paramsText: 'PARAMS-JSON',
  method: 'METHOD',
  plugin: 'PLUGIN',
};

/** A sentence about launch arguments, which begins with a field in quotes, in the words of the command line. */
export function problemInWords(sentence: string): string {
  return sentence.replace(/^"([\w.]+)"/, (whole, field: string) => FIELDS[field] ?? whole);
}

/** A sentence about a limit that was reached, which ends with its field, in the words of the command line. Others are left as they are. */
export function limitInWords(sentence: string): string {
  return sentence.replace(/\((limits\.\w+)\)\.$/, (whole, field: string) =>
    field in FIELDS ? `(${FIELDS[field]}).` : whole,
  );
}
