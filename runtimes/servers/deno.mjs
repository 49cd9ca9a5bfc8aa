import { readFileSync } from 'node:fs'
import { open } from '../.cache/web.js'

const answer = open(JSON.parse(readFileSync(Deno.args[0], 'utf8')))
Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: ({ port }) => console.log(`listening on ${port}`) }, answer)
