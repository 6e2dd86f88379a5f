import nodemailer, { type SendMailOptions } from 'nodemailer';
import { beSide, measure, type Sample } from '../measure/side.js';
import { orderOf } from './bench-shop.js';
import { addressOf, customerOf } from './plan-messages.js';

/** So many wait for a connection at a time: more would only fill the memory. */
const UNDER_WAY = 200;

/** The same mail from nodemailer's pool, written by JavaScript: nothing decided, nothing recorded. */
async function send(port: number, messages: number): Promise<Sample> {
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: 10,
    maxMessages: Infinity,
    host: '127.0.0.1',
    port,
    secure: false,
    ignoreTLS: true,
  });
  const done = measure();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < messages) await transport.sendMail(mailOf(next++));
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, lane));
  const sample = done(messages);
  transport.close();
  return sample;
}

function mailOf(n: number): SendMailOptions {
  const { order_id: id, products } = orderOf(n);
  const rows = products.map(({ name, quantity }) => `<tr><td>${name}</td><td>${quantity}</td></tr>`).join('');
  const unsubscribe = `https://mail.shop.test/u/${'x'.repeat(120)}`;
  return {
    from: { name: 'The Shop', address: 'hello@shop.test' },
    to: { name: '', address: addressOf(customerOf(n)) },
    subject: `Your order ${id}`,
    headers: { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    text: `Thank you, Ann ${n}. Your order ${id} is on its way:\n${products.map(({ name, quantity }) => `${quantity} x ${name}\n`).join('')}No more of these: ${unsubscribe}`,
    html: `<html><body><h1>Thank you, Ann ${n}</h1>\n<p>Your order ${id} is on its way:</p>\n<table>${rows}</table>\n<p><a href="https://shop.test/orders/${id}">Where is it?</a></p>\n<p><a href="${unsubscribe}">No more of these</a></p></body></html>`,
  };
}

await beSide(async ({ port, warmUp, messages }: { port: number; warmUp: number; messages: number }) => {
  await send(port, warmUp);
  return { sample: await send(port, messages), result: null };
});
