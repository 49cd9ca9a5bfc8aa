const PHASES = ['create', 'install', 'boot', 'signed in', 'tour', 'types', 'own tests']

/** Seconds of each phase, one line a starter. "To signed in" is what somebody waits from nothing on. */
export function table(results) {
  const rows = results.map(({ template, times, fault }) => {
    const sum = ['create', 'install', 'boot', 'signed in'].map((name) => times[name]).reduce((all, one) => all + (one ?? Number.NaN), 0)
    return [template, ...PHASES.map((name) => shown(times[name])), shown(sum), fault === undefined ? 'good' : 'BAD']
  })
  const lines = [['starter', ...PHASES, 'to signed in', ''], ...rows]
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  return lines
    .map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '))
    .join('\n')
}

const shown = (seconds) => (seconds === undefined || Number.isNaN(seconds) ? '-' : `${seconds.toFixed(1)} s`)
