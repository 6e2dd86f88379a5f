import { Readable } from 'node:stream';

/** The other end of a pipe that ends with the dot, as nodemailer makes it. */
interface DotWriter extends NodeJS.WritableStream {
  readonly readableLength: number;
}

/**
 * A mail whose end is held back. nodemailer takes it as the message to send and pipes it, once the server has said that it
 * waits for the text (354), into the stream that ends with the terminating dot; so `pipe` is the moment to write the body,
 * and `end` is the dot. Destroyed instead, the server has a mail without an end, which it must throw away.
 */
export class HeldMail extends Readable {
  private dotWriter: DotWriter | null = null;
  /** The server asked for the text: from here on the connection has seen this mail. */
  begun = false;

  /** All of the body is written to the writer, if not yet to the network. */
  readonly written: Promise<void>;
  private isWritten: () => void = () => undefined;

  constructor(private readonly body: Buffer) {
    super();
    this.written = new Promise((resolve) => (this.isWritten = resolve));
  }

  override _read(): void {
    // Everything is written by `pipe`; nobody else reads.
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    this.begun = true;
    this.dotWriter = destination as unknown as DotWriter;
    destination.write(this.body, (error) => {
      if (!error) this.isWritten();
    });
    return destination;
  }

  /** Bytes that were written but have not reached the socket. */
  get pendingBytes(): number {
    return this.dotWriter?.readableLength ?? this.body.length;
  }

  /** Sends the dot. */
  end(): void {
    this.dotWriter?.end();
  }
}
