import type { PostRequest } from './post-once.js';

export function jsonPost(path: string, body: object, headers: { readonly [name: string]: string } = {}): PostRequest {
  return {
    path,
    headers: { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'Kairos', ...headers },
    body: JSON.stringify(body),
  };
}
