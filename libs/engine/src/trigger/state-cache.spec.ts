import { StateCache } from './state-cache.js';

const state = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(7);
const nobody = async (): Promise<Map<string, Uint8Array>> => new Map<string, Uint8Array>();

describe('the states kept in memory', () => {
  it('knows what was stored, and who has nothing', async () => {
    const cache = new StateCache(100_000);
    expect(await cache.fetch(['ann', 'bob'], async () => new Map([['ann', state(10)]]))).toEqual({
      hits: 0,
      misses: 2,
    });
    expect(await cache.fetch(['ann', 'bob'], nobody)).toEqual({ hits: 2, misses: 0 });
    expect(cache.get('ann')).toEqual(state(10));
    expect(cache.get('bob')).toBeNull();
    expect(cache.get('eve')).toBeUndefined();
  });

  it('forgets what nobody asks for, and keeps what is in use', () => {
    const cache = new StateCache(20_000);
    cache.set('regular', state(100));
    cache.set('once', state(100));
    for (let k = 0; k < 200; k++) {
      cache.set(`guest ${k}`, state(100));
      cache.get('regular');
      cache.trim();
    }
    expect(cache.get('regular')).toEqual(state(100));
    expect(cache.get('once')).toBeUndefined();
  });

  it('counts what one customer writes again and again: it stays in memory as long as its neighbours', () => {
    const cache = new StateCache(20_000);
    cache.set('quiet', state(100));
    for (let k = 0; k < 400; k++) {
      cache.set('busy', state(100));
      cache.trim();
    }
    expect(cache.get('quiet')).toBeUndefined();
    expect(cache.get('busy')).toEqual(state(100));
  });

  it('holds no memory of the answer of a database, nor of what it has forgotten', async () => {
    const cache = new StateCache(20_000);
    const answer = new Uint8Array(1_000_000);
    await cache.fetch(['ann'], async () => new Map([['ann', answer.subarray(500, 600)]]));
    const loaded = cache.get('ann')!;
    expect(loaded.buffer).not.toBe(answer.buffer);
    const written = new Uint8Array(1_000_000);
    cache.set('ann', written.subarray(0, 100));
    cache.set('much', state(11_000));
    cache.trim();
    expect(cache.get('ann')!.buffer).not.toBe(written.buffer);
    expect(cache.get('ann')).toEqual(written.subarray(0, 100));
  });
});
