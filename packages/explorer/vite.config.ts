import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * The page as static files for any place on any host: relative addresses, hashed names, and nothing inline, so that it works under
 * `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src *`.
 */
export default defineConfig({
  root: here('./src/page'),
  base: './',
  publicDir: false,
  resolve: { conditions: ['source', 'browser', 'module', 'default'] },
  build: {
    outDir: here('./site'),
    emptyOutDir: true,
    target: 'es2024',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: [here('./src/page/index.html'), here('./src/page/callback.html')] },
  },
})
