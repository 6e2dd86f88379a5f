import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { beSink } from './sink.js';

const END = Buffer.from('\r\n.\r\n');

/** As little of SMTP as both senders need, so that the server is not what is measured. */
function serve(socket: Socket, take: (recipient: string) => void): void {
  let rest = Buffer.alloc(0);
  let recipient = '';
  let inData = false;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.write('220 sink\r\n');
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(inData ? END : '\r\n');
      if (end === -1) return;
      const line = inData ? '' : rest.toString('latin1', 0, end);
      rest = rest.subarray(end + (inData ? END.length : 2));
      if (inData) take(recipient);
      if (!inData && /^rcpt/i.test(line)) recipient = /<(.*)>/.exec(line)![1]!;
      const begins = !inData && /^data/i.test(line);
      socket.write(begins ? '354 go on\r\n' : /^ehlo/i.test(line) ? '250-sink\r\n250 8BITMIME\r\n' : '250 ok\r\n');
      inData = begins;
    }
  });
}

beSink(async (take) => {
  const server = createServer((socket) => serve(socket, take)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
});
