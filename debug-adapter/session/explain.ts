// What a fault means in production and what to do about it, in words, for `exceptionInfo` and the Debug Console. Decides nothing; the
// fault's own sentence comes with it. Contract P1.

export interface Explanation {
  /** A few words for a heading. */
  readonly title: string;
  /** What production makes of it. */
  readonly production: string;
  /** What to do. */
  readonly remedy: string;
}

const HOST_STOPS =
  "Production's host stops reading there: the call fails, and it hangs if the plugin then waits for a reply to a later call.";

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  'stray-text': {
    title: 'Stray text on stdout',
    production: HOST_STOPS,
    remedy: 'stdout belongs to the protocol: print with eprintln! or a logger that writes to stderr.',
  },
  'malformed-json': {
    title: 'Malformed JSON on stdout',
    production: HOST_STOPS,
    remedy: 'Write whole messages, each on one line, by way of the plugin kit rather than by hand.',
  },
  'not-utf8': {
    title: 'Bytes on stdout that are not UTF-8',
    production: 'The call fails with "Internal error" (-32603), which says nothing of the cause.',
    remedy: 'Send binary data as text, in base64 for example.',
  },
  'invalid-message': {
    title: 'A line that is no JSON-RPC message',
    production: HOST_STOPS,
    remedy:
      'A request needs jsonrpc, id (an unsigned 64-bit number), method and params; there are no notifications and no batches.',
  },
  'unknown-response': {
    title: 'A response to nothing',
    production: 'The response is ignored, and the request that was meant stays unanswered.',
    remedy: 'Answer with the id of the request, as it came.',
  },
  'duplicate-response': {
    title: 'A second response',
    production: 'Only the first response counts.',
    remedy: 'Answer once.',
  },
  'error-pinned': {
    title: 'An error response that hits another call',
    production: 'Whatever call is being waited for fails with this error, whichever id it carries.',
    remedy: 'Answer errors with the id of the request they belong to, and only while it is open.',
  },
  'unknown-host-method': {
    title: 'A host method that is unknown',
    production: 'The host answers "Method not found" (-32601).',
    remedy: 'Check the spelling, or give the method an answer in the mock file or the host command.',
  },
  'out-of-order-reply': {
    title: 'A reply out of order',
    production:
      'The host answers in the order of the requests; a plugin on the pdk waits for ever for a reply that came early.',
    remedy: 'Let the mocks or the host command answer in order, unless this is what you are testing.',
  },
  'no-response': {
    title: 'The plugin ended without a response',
    production: 'The call fails with "Internal error" (-32603).',
    remedy: 'Return from the method instead of exiting, and look for what ended the plugin before it could answer.',
  },
  panic: {
    title: 'The plugin panicked',
    production: 'The call fails with "Internal error" (-32603); the panic\'s text is only in the log.',
    remedy: 'Look at the call stack for the function that panicked; answer with an error where the input can be wrong.',
  },
  trap: {
    title: 'The plugin trapped',
    production: 'The call fails with "Internal error" (-32603).',
    remedy: 'Look at the call stack for the function that trapped.',
  },
  hang: {
    title: 'The call hangs',
    production: 'Both sides wait for each other, without end: production has no time limit.',
    remedy: 'See in the Message scope who waits for what.',
  },
  'unread-message': {
    title: 'A message that nobody reads',
    production: 'The host has stopped reading: the message is lost, and the plugin waits for ever if it is a request.',
    remedy: 'Look further up in the transcript for the line at which the host stopped.',
  },
  'host-panic': {
    title: "A pointer that panics production's host",
    production: "Production's host panics on it, which may take the whole application down.",
    remedy: 'Look at the call stack for the function that passed the pointer. Continue answers EFAULT and goes on.',
  },
  'wall-time': limit('The time limit was reached', 'limits.wallMs', 'Production has no time limit.'),
  fuel: limit(
    'The fuel limit was reached',
    'limits.fuel',
    'Production has no limit on fuel: it only yields after each slice.',
  ),
  memory: limit('The memory limit was reached', 'limits.memory', "Production has no limit but the module's own."),
  output: limit('The output limit was reached', 'limits.output', 'Production has no such limit.'),
  line: limit('A line is longer than the limit', 'limits.line', 'Production has no such limit.'),
  debugger: {
    title: 'The debugger failed',
    production: 'This says nothing about the plugin.',
    remedy: 'Please report it, with the plugin if you can.',
  },
};

function limit(title: string, field: string, production: string): Explanation {
  return { title, production, remedy: `If the plugin needs more, raise "${field}" in the launch configuration.` };
}

/** The explanation of a diagnosis; for a kind that has none of its own, one that says no more than is known. */
export function explain(kind: string): Explanation {
  const found = Object.hasOwn(EXPLANATIONS, kind) ? EXPLANATIONS[kind] : undefined;
  return (
    found ?? {
      title: 'The plugin can’t be used',
      production: 'Production refuses the plugin before it runs an instruction.',
      remedy: 'The message names the cause.',
    }
  );
}
