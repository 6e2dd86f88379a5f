import type { Channel } from '#core';
import type { RenderedMessage, RenderRequest, Tracking } from '#engine';
import type { ChosenFiles } from '../choose-files.js';
import { rewriteLinks } from './rewrite-links.js';

/** Mail programs cut what is longer. */
const MAX_ADDRESS = 2_000;
/** Where the text is what people see and click, and its length costs nothing; an SMS is paid by the piece. */
const TEXT_CHANNELS: readonly Channel[] = ['telegram', 'whatsapp', 'viber'];

/** A comment anywhere in the file: `{{! tracking: off }}`. */
const OFF = /\{\{!(?:--)?\s*tracking:\s*off\s*(?:--)?\}\}/i;

/**
 * The message with links by which clicks are noticed, and the picture that says that a mail was opened. Not the ways
 * out: whoever wants to be left alone is not measured. The plain text of a mail stays as it is.
 */
export function withTracking(message: RenderedMessage, files: ChosenFiles, request: RenderRequest): RenderedMessage {
  const { tracking, channel, unsubscribeUrl, preferencesUrl } = request;
  if (tracking === null || [files.html, files.text].some((file) => file !== null && OFF.test(file.source)))
    return message;
  const waysOut = [unsubscribeUrl, preferencesUrl];
  const { click } = tracking;
  const rewrite = (address: string): string | null => {
    if (click === null || waysOut.includes(address) || !isTrackable(address)) return null;
    return click(address);
  };
  if (message.html !== null) return { ...message, html: withPixel(rewriteLinks(message.html, rewrite), tracking) };
  if (!TEXT_CHANNELS.includes(channel)) return message;
  return { ...message, text: message.text.replace(/https?:\/\/[^\s<>"]+/gi, (found) => rewriteInText(found, rewrite)) };
}

function isTrackable(address: string): boolean {
  return /^https?:\/\/[^\s]+$/i.test(address) && address.length <= MAX_ADDRESS && URL.canParse(address);
}

/** What ends the sentence is not part of the address. */
function rewriteInText(found: string, rewrite: (address: string) => string | null): string {
  const address = found.replace(/[.,;:!?'")\]]+$/, '');
  return (rewrite(address) ?? address) + found.slice(address.length);
}

function withPixel(html: string, { openPixel }: Tracking): string {
  if (openPixel === null) return html;
  const pixel = `<img src="${openPixel}" width="1" height="1" alt="" style="display: block; border: 0;">`;
  const end = html.search(/<\/body\s*>(?![\s\S]*<\/body)/i);
  return end === -1 ? `${html}\n${pixel}` : `${html.slice(0, end)}${pixel}\n${html.slice(end)}`;
}
