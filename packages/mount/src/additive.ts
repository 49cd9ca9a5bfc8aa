/** Headers that several parties add to; a guard replaces any other. */
export const ADDITIVE: ReadonlySet<string> = new Set(['set-cookie', 'vary', 'www-authenticate'])
