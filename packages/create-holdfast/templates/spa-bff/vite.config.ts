import { defineConfig } from 'vite'

export default defineConfig({
  // Everything by its own address: the page's policy allows no `data:` scripts.
  build: { outDir: 'dist', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})
