import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Arrivals } from './arrivals.js';
import { HttpSink } from './http-sink.js';
import { TcpProxy } from './tcp-proxy.js';

/** `once` would reject: a broken connection reports an error first. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.once('close', () => resolve()));

describe('TcpProxy', () => {
  let sink: HttpSink;
  let proxy: TcpProxy;
  let client: Socket;
  const replies = new Arrivals<string>('a reply');
  const ask = (path: string): boolean => client.write(`GET ${path} HTTP/1.1\r\nHost: sink\r\n\r\n`);

  beforeEach(async () => {
    sink = await HttpSink.start();
    proxy = await TcpProxy.to(sink.url);
    client = connect(proxy.port, '127.0.0.1');
    client.on('error', () => undefined);
    client.on('data', (data) => replies.add(data.toString()));
    await once(client, 'connect');
  });
  afterEach(async () => {
    client.destroy();
    await proxy.stop();
    await sink.stop();
    replies.all.length = 0;
  });

  it('forwards both ways', async () => {
    ask('/one');
    expect(await replies.first()).toContain('200 OK');
    expect(sink.requests.all[0]?.path).toBe('/one');
    expect(await (await fetch(proxy.through(`${sink.url}/two`))).text()).toBe('');
  });

  it('breaks connections and every new one until it is mended', async () => {
    const broken = closed(client);
    proxy.cut();
    await broken;
    await expect(fetch(`http://127.0.0.1:${proxy.port}`)).rejects.toThrow();
    proxy.mend();
    expect((await fetch(`http://127.0.0.1:${proxy.port}`)).status).toBe(200);
  });

  it('delivers after resume what was sent during a pause', async () => {
    proxy.pause();
    ask('/held');
    const other = await fetch(`${sink.url}/direct`);
    expect(other.status).toBe(200);
    expect(sink.requests.all.map(({ path }) => path)).toEqual(['/direct']);
    proxy.resume();
    await sink.requests.first(({ path }) => path === '/held');
    expect(await replies.first()).toContain('200 OK');
  });

  it('loses the reply of a request that arrived', async () => {
    proxy.pause('replies');
    ask('/committed');
    await sink.requests.first(({ path }) => path === '/committed');
    const broken = closed(client);
    proxy.breakAll();
    await broken;
    expect(replies.all).toEqual([]);
  });
});
