// `replay`: runs a recording again, with nothing but the module, and checks that it is exact (R2, R3).
import path from 'node:path';
import { replayOptions } from '../executor/replay-options.ts';
import { Run } from '../executor/run.ts';
import { FUEL_MODEL } from '../fuel/model.ts';
import type { RecordingHeader } from '../recording/event.ts';
import { RecordingError } from '../recording/fields.ts';
import { parseRecording } from '../recording/reader.ts';
import { grouped } from '../transcript/transcript-line.ts';
import { EXIT, exitCode } from './exit-codes.ts';
import { readFile, terminalPlatform } from './files.ts';
import { outcomeJson } from './outcome-json.ts';
import { print, say } from './output.ts';
import { parseWords, UsageError } from './words.ts';

const HELP = `Usage: wasmi-plugin-debugger replay RECORDING [--plugin FILE] [--json]

Runs a recording again and checks that it is exact. The module is the one that the recording names, or FILE.
Exit code: 0 exact; 1 differs, and the first event that does is named; 2 the recording or the module can't be read.
`;

export async function replayCommand(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords('replay', words, {
    plugin: { type: 'text' },
    json: { type: 'flag' },
    help: { type: 'flag', short: 'h' },
  });
  if (values.help) {
    await print(HELP);
    return EXIT.result;
  }
  const [file, ...more] = positionals;
  if (file === undefined) throw new UsageError('The recording is missing: replay RECORDING.');
  if (more.length > 0) throw new UsageError(`'${more[0]}' is one word too many: replay takes one recording.`);
  const platform = terminalPlatform();
  const text = await readFile(platform, file, 'The recording');
  let recording: ReturnType<typeof parseRecording>;
  try {
    recording = parseRecording(text, file);
  } catch (error) {
    if (error instanceof RecordingError) throw new UsageError(error.message);
    throw error;
  }
  const { header, cutShort, events } = recording;
  const plugin = values.plugin ?? (await findModule(platform, header, file));
  const bytes = await readFile(platform, plugin, 'The module');
  const run = Run.replay(platform, recording, replayOptions(header, plugin, bytes));
  const outcome = await run.ended;
  if (outcome.fault?.kind === 'other-module') throw new UsageError(outcome.fault.message);
  const { divergence } = run;
  if (divergence === undefined && exitCode(outcome) === EXIT.ours) {
    say(outcome.fault?.message ?? 'The debugger itself failed.');
    return EXIT.ours;
  }
  if (values.json) {
    const checked = divergence === undefined ? { exact: true } : { exact: false, difference: divergence };
    await print(`${outcomeJson(outcome, { replay: { ...checked, events, cutShort: cutShort !== undefined } })}\n`);
  } else {
    if (cutShort !== undefined) say(cutShort);
    const fuel =
      header.fuelModel === FUEL_MODEL
        ? ''
        : ` Fuel was not compared: it was recorded under model ${header.fuelModel}, and this is ${FUEL_MODEL}.`;
    await print(
      divergence === undefined
        ? `Exact: ${grouped(events)} events, ≈${grouped(outcome.fuel.consumed)} fuel.${fuel}\n`
        : `${divergence.message}\n`,
    );
  }
  return divergence === undefined ? EXIT.result : EXIT.error;
}

/** The module that a recording names, as seen from here or from the recording's folder. */
async function findModule(
  platform: ReturnType<typeof terminalPlatform>,
  header: RecordingHeader,
  recording: string,
): Promise<string> {
  const named = header.module.path;
  if (named === undefined)
    throw new UsageError(`${recording} does not say where its module is: give it with --plugin.`);
  for (const place of [
    named,
    path.resolve(path.dirname(recording), named),
    path.join(path.dirname(recording), path.basename(named)),
  ]) {
    const found = await platform.readFile(place).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  throw new UsageError(`The module ${named} that was recorded is not there any more: give it with --plugin.`);
}
