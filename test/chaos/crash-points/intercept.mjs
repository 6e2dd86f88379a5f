// node --import ./test/chaos/crash-points/intercept.mjs PROGRAM: the program dies, fails or hangs at one point.
// KAIROS_CRASH_FILE names a file that says which: `{ "point": …, "mode": … }`, read at the start and at each SIGUSR2.
// What happened is said on stderr: `crash point: NAME, MODE`, or `no crash point: STATEMENTS`.
import { readFileSync, writeSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import pg from 'pg';
import { labelOf, writes } from './statements.mjs';
import { TRANSACTIONS, WITHOUT_POINT } from './points.mjs';

/** Longer than the server waits for a transaction that says nothing. */
const HANG_MS = 6_000;
const LOST = 'Connection terminated unexpectedly';

let armed = null;

function arm() {
  const text = readFileSync(process.env.KAIROS_CRASH_FILE, 'utf8');
  armed = text === '' ? null : JSON.parse(text);
}

const say = (line) => writeSync(2, `${line}\n`);

function die() {
  process.kill(process.pid, 'SIGKILL');
  // The signal is there before anything else is done.
  for (;;);
}

/** The mode, if this point is the one and it has not been reached yet. */
function strike(point) {
  if (armed?.point !== point) return null;
  const { mode } = armed;
  armed = null;
  say(`crash point: ${point}, ${mode}`);
  if (mode === 'dies before') die();
  return mode;
}

/**
 * Does `work` as the point wants it. `cut` breaks the connection on which it goes.
 * @param {{ work: () => Promise<any>, cut?: () => void, counts?: (result: any) => boolean }} act
 */
async function happen(point, { work, cut = () => undefined, counts = () => true }) {
  const before = armed;
  const mode = strike(point);
  if (mode === 'hangs before') await pause(HANG_MS);
  if (mode === 'fails before') {
    cut();
    throw new Error(LOST);
  }
  const result = await work();
  if (mode === null || mode === 'hangs before') return result;
  if (!counts(result)) {
    armed = before;
    return result;
  }
  if (mode === 'dies after') die();
  cut();
  throw new Error(LOST);
}

interceptStatements();
interceptProducers();
interceptMails();
interceptAnswers();
if (process.env.KAIROS_CRASH_FILE) {
  arm();
  process.on('SIGUSR2', arm);
}

function interceptStatements() {
  const { query } = pg.Client.prototype;
  const open = new WeakMap();
  pg.Client.prototype.query = function (asked, ...rest) {
    const text = typeof asked === 'string' ? asked : asked?.text;
    const run = () => query.call(this, asked, ...rest);
    if (typeof text !== 'string' || typeof rest.at(-1) === 'function') return run();
    if (text === 'begin') open.set(this, []);
    const statements = open.get(this);
    if (statements === undefined) return writes(asked) ? atPoint(this, [asked], run) : run();
    if (text === 'commit') {
      open.delete(this);
      return statements.some(writes) ? atPoint(this, statements, run) : run();
    }
    statements.push(asked);
    return run();
  };
}

function atPoint(client, statements, work) {
  const labels = statements.map(labelOf);
  const point = TRANSACTIONS.find((one) => one.statements.some((label) => labels.includes(label)));
  if (point === undefined) {
    const unknown = statements.filter(writes).map(labelOf);
    if (unknown.some((label) => !(label in WITHOUT_POINT))) say(`no crash point: ${unknown.join(', ')}`);
    return work();
  }
  // Nothing to wait for: what is sent in one write stays in one write.
  if (armed?.point !== point.name) return work();
  return happen(point.name, {
    work,
    cut: () => client.connection.stream.destroy(),
    // A transaction that failed answers its commit with a roll-back.
    counts: ({ command }) => command !== 'ROLLBACK',
  });
}

function interceptProducers() {
  const { producer } = kafkajs.Kafka.prototype;
  kafkajs.Kafka.prototype.producer = function (...options) {
    const made = producer.apply(this, options);
    const { send } = made;
    made.send = (...what) => happen('produce', { work: () => send.apply(made, what) });
    return made;
  };
}

function interceptMails() {
  const { send } = SMTPConnection.prototype;
  SMTPConnection.prototype.send = function (envelope, message, done) {
    const { end } = message;
    const cut = () => this._socket?.destroy();
    message.end = () =>
      void happen('end of a mail', {
        work: async () => {
          end.call(message);
          // Until the system has it.
          await pause(0);
        },
        cut,
      }).catch(() => undefined);
    send.call(this, envelope, message, (...answer) => {
      happen('answer of the mail server', { work: async () => undefined, cut }).then(
        () => done(...answer),
        (error) => done(error),
      );
    });
  };
}

function interceptAnswers() {
  const { end } = ServerResponse.prototype;
  ServerResponse.prototype.end = function (...what) {
    if (armed?.point !== 'answer over HTTP' || this.req.method !== 'POST') return end.apply(this, what);
    happen('answer over HTTP', {
      work: () => new Promise((resolve) => (this.once('finish', resolve), end.apply(this, what))),
      cut: () => this.req.socket.destroy(),
    }).catch(() => undefined);
    return this;
  };
}
