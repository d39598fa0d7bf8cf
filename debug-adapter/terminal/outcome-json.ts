// An outcome as the one JSON object of --json. The result's text goes in as it is: no digit is lost (P2). Pure.
import type { Outcome } from '../executor/options.ts';

export function outcomeJson(outcome: Outcome, more: Record<string, unknown> = {}): string {
  const parts: string[] = [];
  if (outcome.kind === 'result') parts.push(`"result":${outcome.result}`);
  else if (outcome.error !== undefined)
    parts.push(`"error":{"code":${outcome.error.code},"message":${JSON.stringify(outcome.error.message)}}`);
  else
    parts.push(
      `"fault":${JSON.stringify({ kind: outcome.fault?.kind ?? outcome.kind, message: outcome.fault?.message ?? '' })}`,
    );
  const rest = {
    fuel: { consumed: outcome.fuel.consumed, yields: outcome.fuel.yields, exact: outcome.fuel.exact },
    events: outcome.events,
    stderr: outcome.stderr,
    wallMs: Math.round(outcome.wallMs * 1000) / 1000,
    ...more,
  };
  return `{${parts.join(',')},${JSON.stringify(rest).slice(1)}`;
}
