// The DAP server on a port: several clients at once, each with a session of its own, and only from this machine.
import assert from 'node:assert/strict';
import net from 'node:net';
import { describe, it } from 'node:test';
import { DebugClient } from '@vscode/debugadapter-testsupport';
import { servePort } from './server.ts';
import { ROOT } from './session/conversation-driver.ts';

describe('DAP on a port', { timeout: 300_000 }, () => {
  it('serves clients side by side, on the loopback address', async (t) => {
    const said = console.error;
    console.error = () => {};
    const listening = Promise.withResolvers<{ server: net.Server; port: number }>();
    const served = servePort(0, (server, port) => listening.resolve({ server, port }));
    const { server, port } = await listening.promise;
    console.error = said;
    assert.deepEqual(server.address(), { address: '127.0.0.1', family: 'IPv4', port });
    t.after(() => server.close());
    const clients = [new DebugClient('', '', 'wasmi-plugin'), new DebugClient('', '', 'wasmi-plugin')];
    const results = await Promise.all(
      clients.map(async (client, i) => {
        await client.start(port);
        let output = '';
        client.on('output', ({ body }: { body: { output: string } }) => {
          output += body.output;
        });
        const terminated = client.waitForEvent('terminated', 100_000);
        const initialized = client.waitForEvent('initialized', 100_000);
        await client.initializeRequest();
        await initialized;
        await client.launchRequest({
          plugin: `${ROOT}/test-plugins/hello/hello.wasm`,
          method: 'roll',
          params: { dice: i },
          seed: 'a',
        } as object);
        await client.configurationDoneRequest();
        await terminated;
        await client.stop();
        return /✓ roll returned (.*)/.exec(output)?.[1] ?? output;
      }),
    );
    assert.equal(results[0], '[]');
    assert.match(results[1] ?? '', /^\[[1-6]\]$/);
    server.close();
    await served;
  });

  it('E4: no web page gets through: what does not begin as DAP is cut off, and nothing runs before initialize', async (t) => {
    const said = console.error;
    console.error = () => {};
    t.after(() => {
      console.error = said;
    });
    const listening = Promise.withResolvers<{ server: net.Server; port: number }>();
    const served = servePort(0, (server, port) => listening.resolve({ server, port }));
    const { server, port } = await listening.promise;
    const restart = JSON.stringify({
      seq: 1,
      type: 'request',
      command: 'restart',
      arguments: { arguments: { plugin: `${ROOT}/test-plugins/hello/hello.wasm`, method: 'roll' } },
    });
    const framed = `Content-Length: ${Buffer.byteLength(restart)}\r\n\r\n${restart}`;
    const answer = (text: string): Promise<string> =>
      new Promise((resolve) => {
        let got = '';
        const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
        socket.setEncoding('utf8').on('data', (piece: string) => {
          got += piece;
          socket.end();
        });
        socket.on('close', () => resolve(got)).on('error', () => {});
      });
    const post = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: https://example.com\r\n${framed}`;
    assert.equal(await answer(post), '');
    const refused = await answer(framed);
    assert.match(refused, /"success":false/);
    assert.match(refused, /'restart' came before 'initialize'/);
    server.close();
    await served;
  });

  it('a port that is taken is told in a sentence', async () => {
    const other = net.createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as net.AddressInfo;
    await assert.rejects(servePort(port), new RegExp(`^Error: Port ${port} can't be used: another program has it\\.$`));
    other.close();
  });
});
