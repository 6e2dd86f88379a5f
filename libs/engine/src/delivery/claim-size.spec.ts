import { ClaimSize } from './claim-size.js';

describe('the size of a claim', () => {
  it('is halved by each claim that fails or takes long, down to a few customers, and grows again', () => {
    const size = new ClaimSize();
    expect(size.current).toBe(500);
    size.failed();
    size.succeeded(1_001);
    expect(size.current).toBe(125);
    for (let k = 0; k < 10; k++) size.failed();
    expect(size.current).toBe(8);
    for (let k = 0; k < 3; k++) size.succeeded(10);
    expect(size.current).toBe(64);
    for (let k = 0; k < 10; k++) size.succeeded(10);
    expect(size.current).toBe(500);
  });
});
