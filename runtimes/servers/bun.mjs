import { readFileSync } from 'node:fs'
import { open } from '../.cache/web.js'

const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: open(JSON.parse(readFileSync(process.argv[2], 'utf8'))) })
console.log(`listening on ${server.port}`)
