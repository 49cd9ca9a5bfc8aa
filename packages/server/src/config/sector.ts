/**
 * The sector of a pairwise client (OpenID Connect Core §8.1): the host of its `sector_identifier_uri`, or else the one host of
 * its redirect URIs. Only https vouches for a host: loopback and private-use schemes would put unrelated applications into one sector.
 *
 * @returns undefined when there is no such host
 */
export function pairwiseSectorOf(sectorIdentifierUri: string | undefined, redirectUris: readonly string[]): string | undefined {
  if (sectorIdentifierUri !== undefined) return hostOf(sectorIdentifierUri)
  const hosts = new Set(redirectUris.map(hostOf))
  return hosts.size === 1 ? [...hosts][0] : undefined
}

function hostOf(uri: string): string | undefined {
  return uri.startsWith('https:') && URL.canParse(uri) ? new URL(uri).hostname : undefined
}
