import { type Files, importsOf, isBuiltIn, isRelative, isTest, libraryOf, packageOf, resolve, workspaceOf } from './imports.ts'
import { CORE, IO_MODULES, IO_PLACES, LEAVES, OPEN_TO_GRANTS, PACKAGES, PLACES, SERVER } from './rules.ts'

interface Arrow {
  readonly from: string
  readonly specifier: string
  /** The file it leads to, if it is one of ours. */
  readonly to: string | undefined
}

function arrows(files: Files, keep: (path: string) => boolean): readonly Arrow[] {
  return [...files]
    .filter(([path]) => keep(path))
    .flatMap(([from, text]) => importsOf(text).map((specifier) => ({ from, specifier, to: resolve(files, from, specifier) })))
}
const isSource = (path: string): boolean => /\.tsx?$/.test(path) && !isTest(path) && packageOf(path) in PACKAGES
const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path)

/** Between packages: only the arrows of the table, and only through a package's name. */
export function packageArrows(files: Files): readonly string[] {
  const unknown = [...files.keys()].filter((path) => path.startsWith('packages/') && !(packageOf(path) in PACKAGES))
  return [
    ...unknown.map((path) => `${path}: the package has no row in the rules`),
    ...arrows(files, isSource).flatMap(({ from, specifier, to }) => {
      const here = packageOf(from)
      if (isRelative(specifier))
        return to !== undefined && packageOf(to) !== here
          ? [`${from}: ${specifier} leaves the package by a path; import it by its name`]
          : []
      const there = workspaceOf(specifier)
      if (there === undefined || PACKAGES[here]?.packages.includes(there)) return []
      return [there === here ? `${from}: imports its own package by name` : `${from}: ${here} may not import ${there}`]
    }),
  ]
}

/** Nothing imports the examples, the bench, the attacks and the web applications; tests do not either, except their own and those of the whole. */
export function leaves(files: Files): readonly string[] {
  return arrows(files, isTypeScript).flatMap(({ from, specifier, to }) => {
    const there = to === undefined ? workspaceOf(specifier) : packageOf(to)
    const own = packageOf(from) === there
    return there !== undefined && LEAVES.includes(there) && !own ? [`${from}: nothing may import ${there}`] : []
  })
}

/** Libraries: packages whose row names them import no other, and some have one place in their package. */
export function libraries(files: Files): readonly string[] {
  return arrows(files, isSource).flatMap(({ from, specifier }) => {
    if (isRelative(specifier) || isBuiltIn(specifier) || workspaceOf(specifier) !== undefined) return []
    const library = libraryOf(specifier)
    const allowed = PACKAGES[packageOf(from)]?.libraries
    if (allowed !== undefined && !allowed.includes(library)) return [`${from}: ${packageOf(from)} may not depend on ${library}`]
    const places = packageOf(from) === 'server' || packageOf(from) === 'holdfast' ? PLACES[library] : undefined
    return places === undefined || places.some((place) => from.startsWith(place))
      ? []
      : [`${from}: ${library} has its place in ${places.join(', ')}`]
  })
}

/** The core does no input or output, except in its one named place. */
export function inputOutput(files: Files): readonly string[] {
  return arrows(files, isSource).flatMap(({ from, specifier }) => {
    const [module = ''] = specifier.replace(/^node:/, '').split('/')
    const guilty =
      CORE.includes(packageOf(from)) &&
      IO_MODULES.includes(module) &&
      !isRelative(specifier) &&
      !IO_PLACES.some((place) => from.startsWith(place))
    return guilty ? [`${from}: ${specifier} does input or output in the core`] : []
  })
}

const SERVER_FOLDER = 'packages/server/src/'

/** The row that a file of the server falls under: its own, or its folder's. */
function sectionOf(path: string): string | undefined {
  const inside = path.slice(SERVER_FOLDER.length)
  return [inside, inside.split('/')[0] ?? ''].find((name) => name in SERVER)
}

/** Inside the server: sections import only what their row names. */
export function serverArrows(files: Files): readonly string[] {
  const inServer = (path: string): boolean => isSource(path) && path.startsWith(SERVER_FOLDER)
  const homeless = [...files.keys()].filter((path) => inServer(path) && sectionOf(path) === undefined)
  return [
    ...homeless.map((path) => `${path}: the section has no row in the rules`),
    ...arrows(files, inServer).flatMap(({ from, to }) => {
      if (to === undefined || !to.startsWith(SERVER_FOLDER)) return []
      const here = sectionOf(from)
      const there = sectionOf(to)
      if (here === undefined || there === undefined || here === there || SERVER[here]?.includes(there)) return []
      return [`${from}: ${here} may not import ${there}`]
    }),
  ]
}

/** A grant imports what a stranger's grant can import: other packages' exports and the open modules. Its list joins the grants. */
export function grantImports(files: Files): readonly string[] {
  const isGrant = (path: string): boolean =>
    isSource(path) && path.startsWith(`${SERVER_FOLDER}grants/`) && !/\/grants\/(grant|index|open|first-tokens|poll|polled)\.ts$/.test(path)
  return arrows(files, isGrant).flatMap(({ from, to }) => {
    if (to === undefined || !to.startsWith(SERVER_FOLDER) || OPEN_TO_GRANTS.includes(to.slice(SERVER_FOLDER.length))) return []
    return [`${from}: ${to.slice(SERVER_FOLDER.length)} is not open to grants`]
  })
}
