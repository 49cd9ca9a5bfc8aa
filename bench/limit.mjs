/** What the cryptography alone allows: node:crypto, synchronous, keys at hand, in the place of the server's process. */
import { generateKeyPairSync, sign, verify } from 'node:crypto'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const data = Buffer.alloc(500, 'a')
const signature = sign('sha256', data, privateKey)

/** Seconds of one operation. */
function timed(work, milliseconds) {
  const end = performance.now() + milliseconds
  const start = performance.now()
  let done = 0
  do {
    for (let i = 0; i < 50; i++) work()
    done += 50
  } while (performance.now() < end)
  return (performance.now() - start) / 1000 / done
}

const measure = (milliseconds) => ({
  sign: timed(() => sign('sha256', data, privateKey), milliseconds),
  verify: timed(() => verify('sha256', data, publicKey, signature), milliseconds),
})
measure(100)
process.on('message', (milliseconds) => process.send(measure(milliseconds)))
process.on('disconnect', () => process.exit(0))
console.log('listening 0')
