import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface ServerDiagnostic {
  readonly message: string;
  readonly range: { readonly start: { readonly line: number; readonly character: number } };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The real yaml-language-server behind its standard input and output, as an editor runs it; `close` ends it. */
export class LanguageServer {
  readonly #server: ChildProcess;
  readonly #settings: { readonly [section: string]: unknown };
  readonly #answers = new Map<number, (message: Message) => void>();
  readonly #published = new Map<string, (diagnostics: readonly ServerDiagnostic[]) => void>();
  #received = Buffer.alloc(0);
  #lastId = 0;

  private constructor(settings: { readonly [section: string]: unknown }) {
    this.#settings = settings;
    const program = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');
    this.#server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#server.stdout!.on('data', (bytes: Buffer) => this.#receive(bytes));
  }

  /** @param yaml the settings `yaml.…` of the editor */
  static async start(folder: string, yaml: object): Promise<LanguageServer> {
    const server = new LanguageServer({ yaml });
    const uri = pathToFileURL(folder).href;
    await server.#request('initialize', {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'workspace' }],
      capabilities: {
        workspace: {
          configuration: true,
          workspaceFolders: true,
          didChangeConfiguration: { dynamicRegistration: true },
        },
        textDocument: { hover: { contentFormat: ['markdown'] }, completion: {} },
      },
    });
    server.#send({ method: 'initialized', params: {} });
    return server;
  }

  /** Opens a text as this file; resolves with what the server finds in it. */
  open(path: string, text: string): Promise<readonly ServerDiagnostic[]> {
    const uri = pathToFileURL(path).href;
    return new Promise((done) => {
      this.#published.set(uri, done);
      this.#send({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri, languageId: 'yaml', version: 1, text } },
      });
    });
  }

  async hover(path: string, line: number, character: number): Promise<string> {
    const found = (await this.#request('textDocument/hover', at(path, line, character))) as {
      contents: { value: string };
    } | null;
    return found?.contents.value ?? '';
  }

  async complete(path: string, line: number, character: number): Promise<readonly string[]> {
    const found = (await this.#request('textDocument/completion', at(path, line, character))) as {
      items: { label: string }[];
    } | null;
    return (found?.items ?? []).map(({ label }) => label);
  }

  async close(): Promise<void> {
    const ended = new Promise((done) => this.#server.once('exit', done));
    this.#server.kill();
    await ended;
  }

  #request(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((done, fail) => {
      this.#answers.set(id, ({ result, error }) =>
        error === undefined ? done(result) : fail(new Error(error.message)),
      );
      this.#send({ id, method, params });
    });
  }

  #send(message: Message): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#server.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n');
      const length = Number(
        /Content-Length: (\d+)/i.exec(this.#received.subarray(0, Math.max(end, 0)).toString())?.[1],
      );
      if (end < 0 || this.#received.length < end + 4 + length) return;
      const body = this.#received.subarray(end + 4, end + 4 + length).toString();
      this.#received = this.#received.subarray(end + 4 + length);
      this.#take(JSON.parse(body) as Message);
    }
  }

  #take(message: Message): void {
    const { id, method, params } = message;
    if (method === undefined) return this.#answers.get(id!)?.(message);
    if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as { uri: string; diagnostics: readonly ServerDiagnostic[] };
      this.#published.get(uri)?.(diagnostics);
    }
    if (id === undefined) return;
    const items = (params as { items?: { section: string }[] }).items ?? [];
    const result =
      method === 'workspace/configuration' ? items.map(({ section }) => this.#settings[section] ?? {}) : null;
    this.#send({ id, result });
  }
}

function at(path: string, line: number, character: number) {
  return { textDocument: { uri: pathToFileURL(path).href }, position: { line, character } };
}
