import { checkProviders } from './check-providers.js';

const view = { provider: 'email', failures: 0, openForMs: null, pausedForMs: null };

describe('checkProviders', () => {
  it('says nothing of providers that were never used', () => {
    expect(checkProviders([])).toEqual([]);
  });

  it('is content with one that answers, and counts what was not answered', () => {
    expect(checkProviders([view, { ...view, failures: 2 }])).toEqual([
      { name: 'provider email', status: 'ok', detail: 'answers', cure: null },
      { name: 'provider email', status: 'ok', detail: 'the last 2 attempts were not answered', cure: null },
    ]);
  });

  it('shows an open circuit and when it is probed', () => {
    const [check] = checkProviders([{ ...view, failures: 5, openForMs: 9_100 }]);
    expect(check).toMatchObject({ status: 'warn' });
    expect(check!.detail).toContain('5 attempts in a row were not answered; the next is made in 10 s');
  });

  it('shows a pause that the provider asked for', () => {
    const [check] = checkProviders([{ ...view, pausedForMs: 60_000 }]);
    expect(check).toMatchObject({ status: 'warn' });
    expect(check!.detail).toContain('for 60 s more');
  });
});
