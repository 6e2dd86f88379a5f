import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beSink } from './sink.js';

beSink(async (take) => {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      take(String(request.headers['webhook-id']));
      response.writeHead(200).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
});
