// Fuzz target: whole conversations of a plugin with the endpoint that plays the host, and of the host command's process with its client. Replies come one for
// each request, in their order, until something ends the host's reading; nothing is answered twice. Contracts P1, P2, M1.
import { type Answer, HostEndpoint } from '../../../rpc/endpoint.ts';
import { HostCommand } from '../../../rpc/host-command.ts';
import { classifyLine } from '../../../rpc/message.ts';
import { changed, changeText } from '../json-text.ts';
import { isJson } from '../reference-json.ts';
import { texts } from '../seeds.ts';
import { expect, expectSentence, type FuzzTarget } from '../target.ts';

const request = (id: string | number, method = 'echo', params = '[1]') =>
  `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`;
const seeds = texts(
  [request(0), request(1), request(2, 'log', 'null'), '{"jsonrpc":"2.0","id":0,"result":18446744073709551615}'].join(
    '\n',
  ),
  [
    request(7),
    '{"jsonrpc":"2.0","id":9,"result":1}',
    request('18446744073709551615'),
    '{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"x"}}',
  ].join('\n'),
  [request(0, 'later'), request(1), 'INFO stray text', request(2)].join('\n'),
  [request(0, 'never'), request(1), '{"jsonrpc":"2.0","id":0,"result":null}'].join('\n'),
  [
    '{"id":0,"result":{"b":1,"a":2}}',
    '{"id":1,"error":{"code":-5,"message":"no"}}',
    '{"id":1,"result":null}',
    '{"id":2,"result":1.0}',
  ].join('\n'),
);

function answerTo(method: string): Answer {
  if (method === 'later') return 'pending';
  if (method === 'never') return 'never';
  if (method === 'fails') throw new Error('it fails');
  return method === 'log' ? { error: { code: -32601, message: 'x' } } : { result: '[1]' };
}

async function check(bytes: Uint8Array): Promise<void> {
  const lines = new TextDecoder().decode(bytes).split('\n');
  checkEndpoint(lines);
  await checkHostCommand(lines);
}

function checkEndpoint(lines: readonly string[]): void {
  const endpoint = new HostEndpoint('run', '{"a":1}');
  expect(classifyLine(endpoint.start().text).type === 'request', () => 'the first line is no request');
  const asked: string[] = [];
  const replied: string[] = [];
  const answer = ({ id, method }: { id: string; method: string }): Answer => {
    asked.push(id);
    return answerTo(method);
  };
  for (const line of lines) {
    endpoint.receiveLine(line);
    endpoint.pump(answer);
    const waits = endpoint.waits();
    expect(waits.plugin.length <= 201 && endpoint.repliesOwed >= 0, () => 'what is owed can not be counted');
    const pending = endpoint.answering;
    if (pending !== undefined) {
      expect(!endpoint.settle(`${pending.id}0`, { result: '1' }), () => 'a reply to nothing is taken');
      expect(endpoint.settle(pending.id, { result: '2' }), () => 'the reply that is waited for is refused');
      endpoint.pump(answer);
    }
    for (const { text, message } of endpoint.takeLines()) {
      expect(!text.includes('\n'), () => `a line breaks: ${text}`);
      const read = classifyLine(text);
      expect(
        read.type === message.type && read.type !== 'invalid' && read.type !== 'request',
        () => `the host writes ${text}`,
      );
      replied.push('id' in read ? read.id : '');
    }
  }
  endpoint.endOfOutput();
  endpoint.pump(answer);
  expect(
    replied.every((id, index) => id === asked[index]),
    () => `asked ${asked}, and answered ${replied}`,
  );
  expect(replied.length >= asked.length - 1, () => `asked ${asked.length} times, and answered ${replied.length} times`);
  const stuck = endpoint.outcome === undefined;
  const ends = lines.findIndex((line) => endsReading(line));
  const never = lines.findIndex((line) => isRequest(line, 'never'));
  expect(stuck === (never >= 0 && (ends < 0 || never < ends)), () => `the host ${stuck ? 'goes on reading' : 'stops'}`);
}

function isRequest(line: string, method: string): boolean {
  const message = classifyLine(line);
  return message.type === 'request' && message.method === method;
}

function endsReading(line: string): boolean {
  const message = classifyLine(line);
  return message.type === 'invalid' || message.type === 'error' || (message.type === 'response' && message.id === '0');
}

/** Three calls are open; the process writes what it likes. */
async function checkHostCommand(lines: readonly string[]): Promise<void> {
  const told: string[] = [];
  const host = new HostCommand({
    name: 'host',
    send: (line) => expect(isJson(line) && !line.includes('\n'), () => `the process is sent ${line}`),
    unexpected: (sentence) => {
      expectSentence(sentence, 'what is said of a line', 4000);
      told.push(sentence);
    },
  });
  const settled: string[] = [];
  const calls = [0, 1, 2].map((id) =>
    host.call('echo', `[${id}]`).then(
      (reply) => {
        if ('result' in reply)
          expect(isJson(reply.result) && !reply.result.includes('\n'), () => `the reply is ${reply.result}`);
        else
          expect(
            typeof reply.error.message === 'string' && /^-?\d+$/.test(String(reply.error.code)),
            () => `the error is ${JSON.stringify(reply.error)}`,
          );
        settled.push(`reply ${id}`);
      },
      (error: unknown) => {
        expectSentence(error instanceof Error ? error.message : '', 'the failure of a call', 4000);
        settled.push(`failure ${id}`);
      },
    ),
  );
  await Promise.resolve();
  for (const line of lines) host.receiveLine(line);
  host.closed('ended');
  await Promise.all(calls);
  const blank = lines.filter((line) => line.trim() === '').length;
  const replies = settled.filter((what) => what.startsWith('reply')).length;
  expect(settled.length === 3 && host.pending === 0, () => `${settled.length} of 3 calls ended`);
  expect(
    told.length + replies + blank === lines.length,
    () => `${told.length} sentences and ${replies} replies for ${lines.length - blank} lines`,
  );
}

export const target: FuzzTarget = {
  name: 'endpoint',
  about: 'conversations with the host endpoint and the host command: one reply a request, in order',
  make: (source) => changed(source, seeds, changeText),
  check,
};
