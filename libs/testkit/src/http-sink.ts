import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Arrivals } from './arrivals.js';

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came. */
  readonly raw: Buffer;
  readonly receivedAt: Date;
  /** What it was answered. */
  readonly answer: SinkAnswer;
  json(): unknown;
}

export type AskedRequest = Omit<ReceivedRequest, 'answer'>;

export interface SinkAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly delayMs?: number;
  /** Breaks the connection instead of answering: the sender cannot know whether it arrived. */
  readonly hangUp?: boolean;
}

/** A real HTTP server on a free port that keeps every request and answers as usual (200), or what it was told. */
export class HttpSink {
  readonly requests = new Arrivals<ReceivedRequest>('an HTTP request');
  private answer: SinkAnswer | null = null;
  private timesLeft = Infinity;
  private readonly server: Server = createServer((request, response) => void this.receive(request, response));

  private constructor(private readonly usually: (request: AskedRequest) => SinkAnswer) {}

  /** @param usually what it answers while it is told nothing else: a server that speaks somebody's API. */
  static async start(usually: (request: AskedRequest) => SinkAnswer = () => ({})): Promise<HttpSink> {
    const sink = new HttpSink(usually);
    sink.server.listen(0, '127.0.0.1');
    await once(sink.server, 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers so the given number of times (default: always), then as usual again. */
  answerWith(answer: SinkAnswer, times = Infinity): void {
    this.answer = answer;
    this.timesLeft = times;
  }

  /** As usual from now on. */
  heal(): void {
    this.answer = null;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the client went away before the end of its request
    }
    const raw = Buffer.concat(chunks);
    const body = raw.toString('utf8');
    const received: AskedRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body,
      raw,
      receivedAt: new Date(),
      json: () => JSON.parse(body) as unknown,
    };
    const answer = this.nextAnswer(received);
    const { status = 200, headers = {}, body: reply = '', delayMs = 0, hangUp = false } = answer;
    this.requests.add({ ...received, answer });
    if (delayMs > 0) await pause(delayMs);
    if (hangUp) request.socket.destroy();
    else response.writeHead(status, headers).end(reply);
  }

  private nextAnswer(request: AskedRequest): SinkAnswer {
    if (this.answer === null || this.timesLeft === 0) return this.usually(request);
    this.timesLeft -= 1;
    return this.answer;
  }
}
