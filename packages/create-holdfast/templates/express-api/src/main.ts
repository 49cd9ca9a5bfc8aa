import { createApp } from './app.ts'

const { HOLDFAST_ISSUER, PORT = '3000', APP_URL = `http://localhost:${PORT}` } = process.env
if (HOLDFAST_ISSUER === undefined) throw new Error('HOLDFAST_ISSUER is not set: whose tokens are good here?')

createApp({ issuer: HOLDFAST_ISSUER, url: APP_URL }).listen(Number(PORT), (error) => {
  if (error !== undefined) throw error
})
