import { ask, bearerToken, boundToken, proofFor, withBearer } from '../make.ts'
import { ALLOWED, BAD_BEARER, NOTHING_SHOWN, type Row, type Sent, UNREADABLE } from '../row.ts'

const at = '/api/accounts'
const lines = (...values: readonly string[]): Sent =>
  ask(
    at,
    values.map((value) => ['Authorization', value] as const),
  )

/** How a token is shown, before anybody looks at it (RFC 6750 §2, RFC 9449 §7.1). */
export function credentialRows(): readonly Row[] {
  const good = bearerToken()
  const bound = boundToken()
  return [
    { name: 'OA-71 no Authorization', sent: ask(at), expected: NOTHING_SHOWN },
    { name: 'OA-71 an empty Authorization', sent: lines(''), expected: NOTHING_SHOWN },
    { name: 'OA-71 an Authorization of blanks', sent: lines('  \t '), expected: NOTHING_SHOWN },
    { name: 'Basic', sent: lines('Basic YTpi'), expected: NOTHING_SHOWN },
    { name: 'a scheme with parameters and commas', sent: lines('Digest username="ada", realm="x", nonce="y"'), expected: NOTHING_SHOWN },
    { name: 'a scheme that begins like Bearer', sent: lines(`BearerX ${good}`), expected: NOTHING_SHOWN },
    { name: 'a scheme that ends like Bearer', sent: lines(`XBearer ${good}`), expected: NOTHING_SHOWN },
    { name: 'a token without a scheme', sent: lines(good), expected: NOTHING_SHOWN },
    { name: 'a comma for the space', sent: lines(`Bearer,${good}`), expected: NOTHING_SHOWN },
    { name: 'a colon for the space', sent: lines(`Bearer: ${good}`), expected: NOTHING_SHOWN },
    { name: 'OA-65 a tab for the space', sent: lines(`Bearer\t${good}`), expected: NOTHING_SHOWN },
    { name: 'OA-65 a tab behind the space', sent: lines(`Bearer \t${good}`), expected: UNREADABLE },
    { name: 'OA-65 a tab within the token', sent: lines(`Bearer ${good.slice(0, 9)}\t${good.slice(9)}`), expected: UNREADABLE },
    { name: 'OA-65 a blank within the token', sent: lines(`Bearer ${good.slice(0, 9)} ${good.slice(9)}`), expected: UNREADABLE },
    { name: 'OA-65 blanks and tabs around it are not part of it', sent: lines(` \tBearer ${good} \t`), expected: ALLOWED },
    { name: 'OA-65 several spaces before the token', sent: lines(`Bearer    ${good}`), expected: ALLOWED },
    { name: 'OA-65 bearer in lower case', sent: lines(`bearer ${good}`), expected: ALLOWED },
    { name: 'OA-65 BEARER in upper case', sent: lines(`BEARER ${good}`), expected: ALLOWED },
    { name: 'the name of the header in lower case', sent: ask(at, [['authorization', `Bearer ${good}`]]), expected: ALLOWED },
    { name: 'the name of the header in upper case', sent: ask(at, [['AUTHORIZATION', `Bearer ${good}`]]), expected: ALLOWED },
    { name: 'OA-65 Bearer alone', sent: lines('Bearer'), expected: UNREADABLE },
    { name: 'OA-65 DPoP alone', sent: lines('DPoP '), expected: UNREADABLE },
    { name: 'OA-65 padding alone', sent: lines('Bearer ='), expected: UNREADABLE },
    { name: 'OA-65 padding in the middle', sent: lines('Bearer a=b'), expected: UNREADABLE },
    { name: 'OA-65 a quoted token', sent: lines(`Bearer "${good}"`), expected: UNREADABLE },
    { name: 'OA-65 a parameter for the token', sent: lines(`Bearer token="${good}"`), expected: UNREADABLE },
    { name: 'OA-65 a comma and no blank within the token', sent: lines('Bearer a,b'), expected: UNREADABLE },
    { name: 'OA-65 a letter beyond ASCII', sent: lines(`Bearer ${good}\u00e9`), expected: UNREADABLE },
    { name: 'OA-65 bytes of UTF-8', sent: lines('Bearer \u00c3\u00a9\u00e2\u0082\u00ac'), expected: UNREADABLE },
    { name: 'a space that is none', sent: lines(`Bearer\u00a0${good}`), expected: NOTHING_SHOWN },
    { name: 'OA-65 a percent escape', sent: lines(`Bearer ${good}%20`), expected: UNREADABLE },
    { name: 'OA-65 the longest token that is read', sent: lines(`Bearer ${'a'.repeat(8192)}`), expected: BAD_BEARER },
    { name: 'OA-65 a longer one', sent: lines(`Bearer ${'a'.repeat(8193)}`), expected: UNREADABLE },
    { name: 'DPOP-55 the same Authorization twice', sent: lines(`Bearer ${good}`, `Bearer ${good}`), expected: UNREADABLE },
    { name: 'DPOP-55 Bearer and DPoP', sent: lines(`Bearer ${good}`, `DPoP ${bound}`), expected: UNREADABLE },
    { name: 'DPOP-55 Basic, then Bearer', sent: lines('Basic YTpi', `Bearer ${good}`), expected: UNREADABLE },
    { name: 'DPOP-55 Bearer, then Basic', sent: lines(`Bearer ${good}`, 'Basic YTpi'), expected: UNREADABLE },
    { name: 'Bearer and an empty one', sent: lines(`Bearer ${good}`, ''), expected: ALLOWED },
    { name: 'an empty one and Bearer', sent: lines('', `Bearer ${good}`), expected: ALLOWED },
    { name: 'DPOP-55 two in one line', sent: lines(`Basic YTpi, Bearer ${good}`), expected: UNREADABLE },
    { name: 'DPOP-55 three in one line', sent: lines(`Bearer ${good}, DPoP ${bound}, Basic YTpi`), expected: UNREADABLE },
    { name: 'two of a scheme that is not ours', sent: lines('Basic YTpi', 'Basic YTpj'), expected: NOTHING_SHOWN },
    { name: 'OA-66 a token in the query', sent: ask(`${at}?access_token=${good}`), expected: NOTHING_SHOWN },
    { name: 'OA-68 a token in the query beside a good header', sent: withBearer(good, `${at}?a=b&access_token=x`), expected: UNREADABLE },
    { name: 'a parameter that is named alike', sent: withBearer(good, `${at}?xaccess_token=x&access_tokens=y`), expected: ALLOWED },
    {
      name: 'OA-66 a token in a form',
      sent: ask(at, [['Content-Type', 'application/x-www-form-urlencoded']], 'POST', `access_token=${good}`),
      expected: NOTHING_SHOWN,
    },
    {
      name: 'a token in a cookie',
      sent: ask(at, [['Cookie', `access_token=${good}; Authorization=Bearer ${good}`]]),
      expected: NOTHING_SHOWN,
    },
    { name: 'a token in Proxy-Authorization', sent: ask(at, [['Proxy-Authorization', `Bearer ${good}`]]), expected: NOTHING_SHOWN },
    {
      name: 'a token in X-Forwarded-Authorization',
      sent: ask(at, [['X-Forwarded-Authorization', `Bearer ${good}`]]),
      expected: NOTHING_SHOWN,
    },
    { name: 'a proof without a token', sent: ask(at, [['DPoP', proofFor(bound)]]), expected: NOTHING_SHOWN },
    { name: 'a header of another name that starts alike', sent: ask(at, [['Authorization-X', `Bearer ${good}`]]), expected: NOTHING_SHOWN },
    ...['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].flatMap((method): readonly Row[] => [
      { name: `${method} with a good token`, sent: ask(at, [['Authorization', `Bearer ${good}`]], method), expected: ALLOWED },
      { name: `${method} with nothing`, sent: ask(at, [], method), expected: NOTHING_SHOWN },
    ]),
    {
      name: 'a body that is refused with its request',
      sent: ask(
        at,
        [
          ['Authorization', 'Bearer x'],
          ['Content-Type', 'text/plain'],
        ],
        'POST',
        'x'.repeat(2000),
      ),
      expected: BAD_BEARER,
    },
  ]
}
