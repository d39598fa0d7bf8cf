// Calls to look at: one with a bit of everything a plugin can do, and what it must not be able to do to the panel. Only tests import it.
import { LINE } from '../../../debug-adapter/recording/log-format.ts';
import { FakeCall } from '../../transcript/panel-fixture.ts';

export const MAX = '18446744073709551615';
/** A log line that is markup, and would be a hole if it were taken for that. */
export const MARKUP = '<img src=x onerror="window.hacked = true"><b>not bold</b> & <script>alert(1)</script>';
/** Right-to-left words, and an override that nobody closes. */
export const TURNED = 'order \u05e9\u05dc\u05d5\u05dd 42 \u202egnp.exe';

export function sampleCall(id = 1): FakeCall {
  const call = new FakeCall(id);
  const { filler } = call;
  filler.request('in', 0, 'greet', `{"name":"Ada","times":${MAX},"tags":["a","b",null,true,1.0]}`);
  for (let index = 0; index < 3; index++)
    filler.syscall('fd_read', [0, 16, 1, 8]).syscall('clock_time_get', [0, 1, 24]);
  filler.stderr('INFO greet: a request came in name="Ada"');
  for (let index = 0; index < 6; index++) {
    filler
      .request('out', index, index % 2 === 0 ? 'echo' : 'storage.get', `{"text":"number ${index}","key":${MAX}}`)
      .syscall('fd_write', [1, 64, 1, 72]);
    for (let polls = 0; polls < 12; polls++) filler.poll();
    filler.syscall('fd_read', [0, 16, 1, 8]).result('in', index, `{"text":"number ${index}","key":${MAX}}`);
  }
  filler.stderr(MARKUP).stderr(`WARN ${TURNED}`).stderr('bell \u0007 escape \u001b[31mred\u001b[0m nul \u0000 end');
  filler
    .request('out', 6, 'no.such.method', '{"a":1}')
    .syscall('fd_write', [1, 64, 1, 72])
    .message('in', '{"jsonrpc":"2.0","id":6,"error":{"code":-32601,"message":"Method not found"}}')
    .syscall('fd_close', [7], 8)
    .yields(4)
    .message('out', 'debug print that went to stdout by mistake')
    .message('out', Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d), LINE.notUtf8)
    .request('out', 7, 'echo', '{"text":"nobody answers this one"}')
    .flush();
  return call;
}

/** A call that is over after a message of `bytes` bytes. */
export function longMessageCall(bytes: number, id = 2): FakeCall {
  const call = new FakeCall(id);
  const item = '{"key":18446744073709551615,"text":"some words of a payload"},';
  const list = item.repeat(Math.max(1, Math.floor(bytes / item.length))).slice(0, -1);
  call.filler.request('in', 0, 'bulk', 'null').result('out', 0, `[${list}]`).flush();
  call.state = 'ended';
  return call;
}

/** A call of `rows` rows. */
export function manyRows(rows: number, id = 3): FakeCall {
  const call = new FakeCall(id);
  const { filler } = call;
  filler.request('in', 0, 'many_echo', `{"n":${rows}}`);
  for (let at = 1, host = 0; at < rows; host++) {
    filler.request('out', host, host % 3 === 0 ? 'echo' : 'storage.get', `{"text":"number ${host}"}`);
    filler.syscall('fd_write', [1, 64, 1, 72]).syscall('fd_read', [0, 16, 1, 8]);
    filler.result('in', host, `{"text":"number ${host}"}`);
    if (host % 50 === 0) filler.stderr(`INFO step ${host} of many`);
    at += host % 50 === 0 ? 5 : 4;
    if (host % 2000 === 0) filler.flush();
  }
  filler.flush();
  call.state = 'ended';
  return call;
}
