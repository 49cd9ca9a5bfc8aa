/** One keep-alive HTTP/1.1 connection with one request at a time: as little work as possible, so that the server is the one that is measured. */
import { connect } from 'node:net'

export class Connection {
  #socket
  #received = ''
  #settle
  #fail

  static open(port) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new Connection(socket))
      })
    })
  }

  constructor(socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#hear(chunk))
    socket.on('error', (error) => this.#lost(error))
    socket.on('close', () => this.#lost(new Error('the server closed the connection')))
  }

  /** @returns {Promise<{ status: number, head: string, body: string }>} */
  send(request) {
    return new Promise((resolve, reject) => {
      this.#settle = resolve
      this.#fail = reject
      this.#socket.write(request, 'latin1')
    })
  }

  close() {
    this.#socket.destroy()
  }

  #hear(chunk) {
    const text = this.#received === '' ? chunk.latin1Slice() : this.#received + chunk.latin1Slice()
    this.#received = ''
    const end = text.indexOf('\r\n\r\n')
    const body = end === -1 ? undefined : bodyOf(text, end)
    if (body === undefined) {
      this.#received = text
      return
    }
    const settle = this.#settle
    this.#settle = this.#fail = undefined
    settle?.({ status: Number(text.slice(9, 12)), head: text.slice(0, end), body })
  }

  #lost(error) {
    const fail = this.#fail
    this.#settle = this.#fail = undefined
    fail?.(error)
  }
}

const LENGTH = /\r\ncontent-length: *(\d+)/i

/** @returns undefined while bytes are missing */
function bodyOf(text, end) {
  const head = text.slice(0, end)
  const length = LENGTH.exec(head)
  if (length !== null) return text.length - end - 4 >= Number(length[1]) ? text.slice(end + 4) : undefined
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return ''
  return text.endsWith('0\r\n\r\n') ? text.slice(end + 4) : undefined
}

export function headerOf(head, name) {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1]
}

/** @param {URL} url */
export function get({ pathname, host }, headers, query = '') {
  return `GET ${pathname}${query} HTTP/1.1\r\nHost: ${host}\r\n${lines(headers)}\r\n`
}

/** @param {URL} url */
export function post({ pathname, host }, headers, form) {
  return `POST ${pathname} HTTP/1.1\r\nHost: ${host}\r\n${lines(headers)}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`
}

function lines(headers) {
  let text = ''
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  return text
}

export function expectStatus(answer, status, what) {
  if (answer.status !== status)
    throw new Error(`${what} answered ${answer.status}: ${answer.head.slice(0, 300)}\n${answer.body.slice(0, 500)}`)
  return answer
}

export function member(answer, name) {
  const start = answer.body.indexOf(`"${name}":"`)
  if (start === -1) throw new Error(`no ${name} in ${answer.body.slice(0, 300)}`)
  const from = start + name.length + 4
  return answer.body.slice(from, answer.body.indexOf('"', from))
}
