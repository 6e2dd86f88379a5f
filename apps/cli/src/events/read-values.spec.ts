import { readValues } from './read-values.js';

describe('values of an event', () => {
  it('are what they look like', () => {
    expect(
      readValues(['price=30', 'gift=true', 'name=Blue mug', 'tags=["a"]', 'note=', 'formula=a=b'], undefined),
    ).toEqual({
      price: 30,
      gift: true,
      name: 'Blue mug',
      tags: ['a'],
      note: '',
      formula: 'a=b',
    });
  });

  it('lose no digit of an identifier', () => {
    expect(readValues(['id=00123', 'order=12345678901234567890', 'phone=+491234'], undefined)).toEqual({
      id: '00123',
      order: '12345678901234567890',
      phone: '+491234',
    });
  });

  it('may be an object, which words add to', () => {
    expect(readValues(['price=2'], '{"price":1,"size":"L"}')).toEqual({ price: 2, size: 'L' });
  });

  it('are refused with a sentence otherwise', () => {
    expect(() => readValues(['price'], undefined)).toThrow('"price" is not NAME=VALUE');
    expect(() => readValues([], '[1]')).toThrow('must be an object');
    expect(() => readValues([], '{')).toThrow('--values is not JSON');
  });
});
