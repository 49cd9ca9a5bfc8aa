import { open } from './web.js'
import issuer from './issuer.json'

let answer
/** A Worker may make nothing at random before its first request. */
export default { fetch: (request) => (answer ??= open(issuer))(request) }
