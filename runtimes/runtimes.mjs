/** Where the list is sent: how each is started, and how it says on which port it listens. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { overSocket } from '../test/guard-requests/send.ts'
import { openChromium } from './chromium.mjs'

const here = new URL('.', import.meta.url)
const path = (name) => fileURLToPath(new URL(name, here))
const require = createRequire(import.meta.url)
/** Milliseconds until a server listens. */
const LONGEST = 120_000

const DENO = () => require.resolve('@deno/linux-x64-glibc/deno')
const BUN = () => require.resolve('@oven/bun-linux-x64/bin/bun')
const WORKERD = () => require.resolve('@cloudflare/workerd-linux-64/bin/workerd')
const NEXT = () => require.resolve('next/dist/bin/next')

/** What a framework does to every answer, or keeps from every mount; told with the result. Nothing else may differ. */
const NEXT_IS_LIKE_THAT = {
  adds: [['vary', 'rsc, next-router-state-tree, next-router-prefetch, next-router-segment-prefetch']],
  /** RFC 9110 §8.6: a length may stand in the answer to a HEAD, and need not. */
  headWithoutLength: true,
  loses: {
    why: 'Next.js hands over the first Authorization line only',
    row: ({ sent }) => sent.headers.filter(([name]) => name.toLowerCase() === 'authorization').length > 1,
  },
}

export const RUNTIMES = [
  { name: 'node', open: (list, file) => started(list, process.execPath, [path('.cache/node.js'), fileURLToPath(file)]) },
  {
    name: 'deno',
    open: (list, file) => started(list, DENO(), ['run', '-A', '--no-config', path('servers/deno.mjs'), fileURLToPath(file)]),
  },
  {
    name: 'deno node:http',
    open: (list, file) => started(list, DENO(), ['run', '-A', '--no-config', path('.cache/node.js'), fileURLToPath(file)]),
  },
  { name: 'bun', open: (list, file) => started(list, BUN(), [path('servers/bun.mjs'), fileURLToPath(file)]) },
  { name: 'bun node:http', open: (list, file) => started(list, BUN(), [path('.cache/node.js'), fileURLToPath(file)]) },
  { name: 'workerd', open: (list) => started(list, WORKERD(), ['serve', path('servers/worker.capnp'), '--control-fd=1']) },
  { name: 'chromium', open: openChromium },
  {
    name: 'nest on express',
    open: (list, file) => started(list, process.execPath, [path('servers/nest.mjs'), fileURLToPath(file), 'express']),
  },
  {
    name: 'nest on fastify',
    open: (list, file) => started(list, process.execPath, [path('servers/nest.mjs'), fileURLToPath(file), 'fastify']),
  },
  { name: 'next routes', open: (list, file) => next(list, file, 'routes'), ...NEXT_IS_LIKE_THAT },
  { name: 'next middleware', open: (list, file) => next(list, file, 'middleware'), ...NEXT_IS_LIKE_THAT },
]

let built
async function next(list, file, mode) {
  const env = { ...process.env, HOLDFAST_ISSUER: fileURLToPath(file), HOLDFAST_NEXT: mode, NEXT_TELEMETRY_DISABLED: '1' }
  built ??= ran(process.execPath, [NEXT(), 'build', path('next')], env)
  await built
  return started(list, process.execPath, [NEXT(), 'start', path('next'), '--port', '0', '--hostname', '127.0.0.1'], env)
}

function ran(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: path('.'), env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')}:\n${said}`))))
  })
}

/** Starts a server and waits until it names its port. */
function started(list, command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: path('.'), env, stdio: ['ignore', 'pipe', 'pipe'] })
    const ended = new Promise((settle) => child.on('close', settle))
    const close = () => {
      child.kill()
      return ended
    }
    let said = ''
    const timer = setTimeout(() => void close().then(() => reject(new Error(`no port after ${LONGEST / 1000} s:\n${said}`))), LONGEST)
    const hear = (chunk) => {
      said += chunk
      const port = /listening on (\d+)|"port":\s*(\d+)|http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.slice(1).find(Boolean)
      if (port === undefined) return
      clearTimeout(timer)
      resolve({ send: (sent) => overSocket(Number(port), sent, list.labels), close })
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', reject)
    void ended.then((code) => reject(new Error(`${command} ended with ${code}:\n${said}`)))
  })
}
