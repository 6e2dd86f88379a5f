export const PLANTED_BUGS: readonly { readonly name: string }[];
