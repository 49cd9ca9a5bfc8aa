import { toFetch } from '@holdfast/mount/fetch'
import { apis } from '../../../apis.mjs'

export const dynamic = 'force-dynamic'

const answer = (request) => toFetch(apis().handler)(request)
export { answer as GET, answer as HEAD, answer as POST }
