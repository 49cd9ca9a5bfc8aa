/** @jsxImportSource preact */
import { render } from 'preact'
import { App } from '../app.tsx'
import { scripted } from './scripted-engine.ts'

const place = document.getElementById('app')
if (place !== null) render(<App engine={scripted} />, place)
