/** Whether a path with `/` matches `*`, `**`, `?` and `{a,b}`, or is the pattern itself. */
export function matchesGlob(path: string, pattern: string): boolean {
  const plain = pattern.replace(/^\.\//, '');
  return path === plain || globToRegExp(plain).test(path);
}

const TOKEN = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/g;

function globToRegExp(glob: string): RegExp {
  const source = (glob.match(TOKEN) ?? []).map((token) => {
    switch (token) {
      case '**/':
        return '(?:.*/)?';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      default:
        if (!token.startsWith('{') || !token.endsWith('}')) return escaped(token);
        return `(?:${token.slice(1, -1).split(',').map(escaped).join('|')})`;
    }
  });
  return new RegExp(`^${source.join('')}$`, 'u');
}

function escaped(text: string): string {
  return text.replace(/[.+^${}()|[\]\\/*?-]/g, '\\$&');
}
