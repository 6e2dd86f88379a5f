import type { Secrets } from '#channels';
import type { ProviderSettings } from '#core';
import type { LatestWorkspace } from '#engine';

type Chosen<Kind extends ProviderSettings['kind']> = Extract<ProviderSettings, { kind: Kind }>;

/** The secrets of the providers that the workspace published last names. */
export class ProviderSecrets {
  constructor(
    private readonly latest: LatestWorkspace,
    private readonly secrets: Secrets,
  ) {}

  /**
   * What `variableOf` says of the provider of this kind; null: there is no such provider, it names no variable, or the
   * variable is not set in this process. Throws `StoreError` where nothing is known of the workspace.
   */
  async of<Kind extends ProviderSettings['kind']>(
    kind: Kind,
    variableOf: (chosen: Chosen<Kind>) => string | null,
  ): Promise<string | null> {
    const published = await this.latest.get();
    const providers = Object.values(published?.workspace.settings.providers ?? {});
    const chosen = providers.find((each): each is Chosen<Kind> => each.kind === kind);
    const variable = chosen === undefined ? null : variableOf(chosen);
    return (variable !== null && Object.hasOwn(this.secrets, variable) && this.secrets[variable]?.trim()) || null;
  }
}
