import { decodeState, type WorkspaceFile } from '#core';
import type { PublishedRuleset } from '#engine';

/** What a publication changes, before it is done. */
export interface PublicationPreview {
  readonly rules: readonly {
    readonly rule: string;
    readonly change: 'added' | 'changed' | 'removed';
    /** Active runs of the rule, which keep the version they began with. */
    readonly runs: number;
  }[];
  /** Settings, segments, tracking plan and templates by name. */
  readonly others: readonly { readonly what: string; readonly change: 'added' | 'changed' | 'removed' }[];
}

export function previewPublication(
  before: PublishedRuleset | null,
  files: readonly WorkspaceFile[],
  runs: ReadonlyMap<string, number>,
): PublicationPreview {
  const changes = [...changesOf(before?.files ?? [], files)];
  const rules = changes.flatMap(([path, change]) => {
    const rule = /^rules\/(.+)\.yaml$/.exec(path)?.[1];
    return rule === undefined || rule.endsWith('.test') ? [] : [{ rule, change, runs: runs.get(rule) ?? 0 }];
  });
  const others = new Map<string, 'added' | 'changed' | 'removed'>();
  const stays = new Set(
    files.flatMap(({ path }) => (before?.files.some((old) => old.path === path) ? [folderOf(path)] : [])),
  );
  for (const [path, change] of changes) {
    const template = /^templates\/([^/]+)\//.exec(path)?.[1];
    if (template !== undefined) others.set(`template ${template}`, stays.has(folderOf(path)) ? 'changed' : change);
    else if (/^(?:kairos|segments|events)\.yaml$/.test(path)) others.set(path, change);
  }
  return { rules, others: [...others].map(([what, change]) => ({ what, change })) };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** Counts active runs by rule in encoded states; to be called once for each state. */
export function countRuns(): { readonly runs: Map<string, number>; readonly visit: (state: Uint8Array) => void } {
  const runs = new Map<string, number>();
  return {
    runs,
    visit: (state) => {
      for (const { rule } of decodeState(state).runs) runs.set(rule, (runs.get(rule) ?? 0) + 1);
    },
  };
}

/** For people: one line a change. */
export function previewLines(preview: PublicationPreview, removed: 'finish' | 'stop'): string[] {
  const signs = { added: '+', changed: '~', removed: '-' } as const;
  const lines = preview.rules.map(({ rule, change, runs }) => {
    const count = runs === 1 ? '1 run' : `${runs} runs`;
    const fate =
      runs === 0
        ? ''
        : change === 'changed'
          ? `: ${count} under way keep the version they began with`
          : change === 'removed'
            ? removed === 'stop'
              ? `: ${count} under way end, what they planned is withdrawn (--removed stop)`
              : `: ${count} under way go on to their end (--removed stop would end them)`
            : `: ${count} of an earlier time under way`;
    return `  ${signs[change]} rule ${rule} ${change}${fate}`;
  });
  return [...lines, ...preview.others.map(({ what, change }) => `  ${signs[change]} ${what} ${change}`)];
}

function changesOf(
  before: readonly WorkspaceFile[],
  after: readonly WorkspaceFile[],
): Map<string, 'added' | 'changed' | 'removed'> {
  const old = new Map(before.map(({ path, bytes }) => [path, bytes]));
  const changes = new Map<string, 'added' | 'changed' | 'removed'>();
  for (const { path, bytes } of after) {
    const known = old.get(path);
    if (known === undefined) changes.set(path, 'added');
    else if (!Buffer.from(known).equals(Buffer.from(bytes))) changes.set(path, 'changed');
    old.delete(path);
  }
  for (const path of old.keys()) changes.set(path, 'removed');
  return new Map([...changes].sort(([a], [b]) => (a < b ? -1 : 1)));
}
