// The DAP server for any editor: a session on stdin and stdout, or one for each client of a loopback port. In stdio mode nothing but the
// protocol goes to stdout.
import net from 'node:net';
import { nodePlatform } from './executor/node-platform.ts';
import type { Platform } from './executor/platform.ts';
import { PluginDebugSession } from './session/session.ts';

/** The worker lies beside the bundle, or in its room when this runs from source. */
function serverPlatform(): Platform {
  const source = import.meta.url.endsWith('.ts');
  return nodePlatform(new URL(source ? './executor/worker.ts' : './worker.mjs', import.meta.url));
}

/** Serves one client on stdin and stdout. Resolves when it has gone and its call has ended. */
export async function serveStdio(): Promise<void> {
  // Whatever a library prints must not land between two messages.
  console.log = console.info = console.debug = (...words: unknown[]) => console.error(...words);
  await serve(process.stdin, process.stdout);
  process.stdin.destroy(); // a client that keeps it open must not keep this process
}

/**
 * Serves each client that connects to `port` (0: any that is free) of this machine, and of no other. The port is told on stderr.
 * Rejects when the port can't be had; resolves when the server is closed, which `onListening` gets the means for.
 */
export function servePort(
  port: number,
  onListening: (server: net.Server, port: number) => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => socket.destroy());
      // A web page can send anything to a port of this machine, but only as HTTP: no client of DAP begins like that.
      socket.once('data', (first: Buffer) => {
        if (!first.toString('latin1').startsWith('Content-Length:')) {
          socket.destroy();
          return;
        }
        socket.pause();
        socket.unshift(first);
        serve(socket, socket).finally(() => socket.end());
      });
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' ? 'another program has it' : error.message;
      reject(new Error(`Port ${port} can't be used: ${taken}.`, { cause: error }));
    });
    server.on('close', resolve);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      console.error(`Listening for a debug client on 127.0.0.1:${actual}`);
      onListening(server, actual);
    });
  });
}

/** One session on a pair of streams, until the client disconnects or goes away. */
function serve(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    const session = new PluginDebugSession(serverPlatform());
    session.setRunAsServer(true);
    session.onGone = resolve;
    session.start(input, output);
  });
}
