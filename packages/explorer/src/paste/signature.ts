import { PRIVATE_MEMBERS } from '../dissect/thumbprint.ts'
import type { TakenApart } from '../dissect/jwt.ts'
import { isMembers, textOf } from '../encoding.ts'
import { candidates, type SignatureVerdict, verifyByAny, verifySignature } from '../verify.ts'
import { bad, good, type Judged, type PasteOptions, unchecked } from './check.ts'
import type { TokenKind } from './kind.ts'

/** alg, the key, and whether it made the signature. */
export async function signatureChecks(jwt: TakenApart, kind: TokenKind, options: PasteOptions): Promise<readonly Judged[]> {
  const alg = textOf(jwt.header.members, 'alg')
  if (alg === undefined) return [bad('alg', 'alg is missing: nobody can know how this was signed.')]
  if (alg.toLowerCase() === 'none') return [bad('alg', 'alg is none: there is no signature, and anybody may have written this.')]
  if (/^hs/i.test(alg)) {
    const symmetric = kind === 'DPoP proof' ? [bad('alg', `alg is ${alg}: a proof needs an asymmetric key.`)] : []
    return [...symmetric, unchecked('signature', `${alg} is made with a shared secret, which is not here: the signature is not checked.`)]
  }
  if (kind === 'DPoP proof') return byOwnKey(jwt, alg)
  const own = ['jwk', 'jku', 'x5u'].find((name) => jwt.header.members?.[name] !== undefined)
  const brought =
    own === undefined ? [] : [unchecked(own, `${own} in the header brings a key: whoever made this chose it, so it proves nothing.`)]
  return [...brought, ...(await byPublishedKeys(jwt, alg, options))]
}

/** RFC 9449 §4.3: by the key in its header, and by no other. */
async function byOwnKey(jwt: TakenApart, alg: string): Promise<readonly Judged[]> {
  const jwk = jwt.header.members?.['jwk']
  if (!isMembers(jwk)) return [bad('jwk', 'jwk is missing in the header: a proof carries its public key.')]
  const leaked = PRIVATE_MEMBERS.filter((name) => jwk[name] !== undefined)
  const key =
    leaked.length === 0
      ? good('jwk', 'jwk is a public key.')
      : bad('jwk', `jwk holds the private key (${leaked.join(', ')}): everybody who sees this can sign with it. Throw the key away.`)
  return [key, signatureCheck(await verifySignature(jwt, jwk), alg, 'the key in the header')]
}

async function byPublishedKeys(jwt: TakenApart, alg: string, { keys, issuer }: PasteOptions): Promise<readonly Judged[]> {
  const whose = issuer ?? 'the issuer'
  if (keys === undefined) return [unchecked('signature', `The keys of ${whose} are not here: the signature is not checked.`)]
  const kid = textOf(jwt.header.members, 'kid')
  if (kid === undefined && jwt.header.members?.['kid'] !== undefined) return [bad('kid', 'kid is no text (RFC 7515 §4.1.4).')]
  const found = candidates(jwt, keys)
  if (found.length === 0 && kid !== undefined && !keys.some((key) => key['kid'] === kid))
    return [bad('kid', `No key of ${whose} has the kid ${kid}: it was replaced since, or another issuer signed this.`)]
  if (found.length === 0) return [bad('signature', `No key of ${whose} can have made a signature by ${alg}.`)]
  const unnamed =
    kid === undefined
      ? [unchecked('kid', `kid is missing: ${found.length === 1 ? 'the one key' : `all ${found.length} keys`} for ${alg} tried.`)]
      : []
  return [...unnamed, signatureCheck(await verifyByAny(jwt, found), alg, `${whose}’s key`)]
}

function signatureCheck(verdict: SignatureVerdict, alg: string, key: string): Judged {
  if (verdict === 'good') return good('signature', `The signature is by ${key}.`)
  if (verdict === 'bad') return bad('signature', `The signature is not by ${key}, or something was changed after it.`)
  return unchecked('signature', `The signature by ${alg} cannot be checked here, or the key is none.`)
}
