/** `npm start`: set-up has built everything; this only leads there. */
await import('../examples/dist/start/main.js')
