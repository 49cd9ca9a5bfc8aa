/** @jsxImportSource preact */
import { render } from 'preact'
import { App } from './app.tsx'
import { engine } from './engine.ts'

const place = document.getElementById('app')
if (place !== null) render(<App engine={engine} />, place)
