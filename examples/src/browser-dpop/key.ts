/**
 * A DPoP key that the page can use and nobody can read: the browser keeps it, scripts get a handle. It outlives the page, so
 * that what is bound to it does too (RFC 9449 §11.4).
 */
const DATABASE = 'dpop'
const KEYS = 'keys'
const CURRENT = 'current'

/** The key of this origin in this browser, made at the first call. Two tabs at once get the same one. */
export async function openKey(): Promise<CryptoKeyPair> {
  // Made beforehand: a transaction ends when it has to wait for something else.
  const fresh = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])
  const database = await opened()
  try {
    const store = database.transaction(KEYS, 'readwrite').objectStore(KEYS)
    const kept = await settled<CryptoKeyPair | undefined>(store.get(CURRENT))
    if (kept !== undefined) return kept
    await settled(store.add(fresh, CURRENT))
    return fresh
  } finally {
    database.close()
  }
}

/** When signing out: what is bound to the key is worth nothing from now on. */
export async function forgetKey(): Promise<void> {
  const database = await opened()
  try {
    await settled(database.transaction(KEYS, 'readwrite').objectStore(KEYS).delete(CURRENT))
  } finally {
    database.close()
  }
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1)
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(KEYS))
  return settled(request)
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('the database of this browser failed')))
  })
}
