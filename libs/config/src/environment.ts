/** The environment of this process: for `readConfig`, and for the secrets that kairos.yaml names. */
export const environment: { readonly [name: string]: string | undefined } = process.env;
