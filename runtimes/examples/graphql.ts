import { type Access, createGuard } from '@holdfast/guard'
import { fetchGuard } from '@holdfast/mount/fetch'
import { createSchema, createYoga } from 'graphql-yoga'

const guard = createGuard({ issuer: 'https://login.example', resource: 'https://api.example/orders' })
const resolvers = { Query: { owner: (_root: unknown, _given: unknown, { auth }: { auth: Access }) => auth.subject } }
const yoga = createYoga<{ auth: Access }>({ schema: createSchema({ typeDefs: 'type Query { owner: String! }', resolvers }) })
const answer = async (request: Request, auth: Access): Promise<Response> => yoga.fetch(request, { auth })
export const api = fetchGuard((request) => guard.check(request, { scopes: ['orders:read'] }), answer)
