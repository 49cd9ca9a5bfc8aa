import { createHash } from 'node:crypto'
import {
  columnName,
  DELETE,
  DELETE_BY,
  INSERT,
  quoted,
  REPLACE,
  REQUIRE,
  schemaNumber,
  SWEEP_LOCK,
  tableName,
  type TableDescription,
} from './statements.ts'

/** The function that applies a group, in the server: one round trip and one transaction, whatever each commit turns out to be. */
export interface CommitFunction {
  /** Holds a hash of its body: releases that differ can work on one database at once. */
  readonly name: string
  readonly create: string
  readonly call: string
  /** Columns of indexes that a change brings along: as many as the kind with the most has. */
  readonly columns: number
}

/** Locks of `locks`: shared, or exclusive. Above: not yet locked, but found by the index at that place. */
export const SHARED = 0
export const EXCLUSIVE = 1
export const FOUND_BY = 2

const PARAMETERS: readonly (readonly [name: string, type: string])[] = [
  // How long this one waits for a lock, in milliseconds; null: as long as the session does.
  ['patience', 'integer'],
  // Whether one of the commits deletes what it cannot name.
  ['sweeps', 'boolean'],
  ['lock_kinds', 'integer[]'],
  ['lock_modes', 'integer[]'],
  ['lock_ends', 'integer[]'],
  ['lock_ids', 'text[]'],
  // Changes of each commit.
  ['sizes', 'integer[]'],
  ['kinds', 'integer[]'],
  ['ops', 'integer[]'],
  ['ids', 'text[]'],
  ['expected', 'bigint[]'],
  ['expires', 'bigint[]'],
  ['vals', 'text[]'],
]

/**
 * 1. Locks the rows that are there, ordered by kind and id over the whole group, so that two nodes never wait for each other.
 * 2. A commit that deletes by index runs alone among the writers of all nodes, each of which holds the same lock shared: it
 *    sees all of another's commit or nothing of it. It comes after the locks on rows, so nobody holds it while waiting for those.
 * 3. Applies the commits. Every statement has a fresh snapshot (READ COMMITTED), which sees whatever was committed before the
 *    locks were had. A commit of one change needs no subtransaction: when it conflicts it has written nothing.
 */
export function commitFunction(schema: string, tables: readonly TableDescription[]): CommitFunction {
  const columns = Math.max(0, ...tables.map(({ indexes }) => indexes.length))
  const parameters = [...PARAMETERS, ...Array.from({ length: columns }, (_, place) => [`by${place}`, 'text[]'] as const)]
  const body = `
declare
  start integer := 0;
  run integer;
  size integer;
  i integer;
  held boolean;
  conflict integer;
  outcomes integer[] := '{}';
  found_ids text[] := '{}';
begin
  if patience is not null then perform set_config('lock_timeout', patience::text, true); end if;
  for run in 1 .. cardinality(lock_kinds) loop
    case lock_kinds[run]
${tables.map((table, number) => `    when ${number} then\n${lockCases(schema, table)}`).join('\n')}
    end case;
    start := lock_ends[run];
  end loop;
  if sweeps then perform pg_advisory_xact_lock(${SWEEP_LOCK}, ${schemaNumber(schema)});
  else perform pg_advisory_xact_lock_shared(${SWEEP_LOCK}, ${schemaNumber(schema)});
  end if;
  start := 0;
  foreach size in array sizes loop
    conflict := -1;
    if size = 1 then
      i := start + 1;
${apply(schema, tables)}
      if not held then conflict := 0; end if;
    else
      begin
        for i in start + 1 .. start + size loop
${apply(schema, tables)}
          if not held then
            conflict := i - start - 1;
            raise exception sqlstate 'HF001';
          end if;
        end loop;
      exception when sqlstate 'HF001' then null;
      end;
    end if;
    outcomes := outcomes || conflict;
    start := start + size;
  end loop;
  return outcomes;
end`
  const name = `${quoted(schema)}.holdfast_commit_${createHash('sha256').update(body).digest('hex').slice(0, 16)}`
  const signature = parameters.map(([parameter, type]) => `${parameter} ${type}`).join(', ')
  return {
    name,
    columns,
    create: `create or replace function ${name}(${signature}) returns integer[] language plpgsql as $holdfast$${body}$holdfast$`,
    call: `select ${name}(${parameters.map((_, place) => `$${place + 1}`).join(', ')})`,
  }
}

function lockCases(schema: string, { kind, indexes }: TableDescription): string {
  const table = tableName(schema, kind)
  const these = 'lock_ids[start + 1:lock_ends[run]]'
  const lock = (strength: string): string =>
    `perform 1 from ${table} where id = any(${these} || found_ids) order by id for ${strength}; found_ids := '{}';`
  return `      case lock_modes[run]
      when ${SHARED} then ${lock('share')}
      when ${EXCLUSIVE} then ${lock('no key update')}
${indexes.map((index, place) => `      when ${FOUND_BY + place} then found_ids := found_ids || array(select id from ${table} where ${columnName(index)} = any(${these}));\n`).join('')}      end case;`
}

/** Sets `held`: whether the commit may go on. */
function apply(schema: string, tables: readonly TableDescription[]): string {
  return `        case kinds[i]
${tables.map((table, number) => `        when ${number} then\n${changeCases(tableName(schema, table.kind), table.indexes)}`).join('\n')}
        end case;`
}

function changeCases(table: string, indexes: readonly string[]): string {
  const columns = indexes.map(columnName)
  const values = columns.map((_, place) => `by${place}[i]`)
  const ours = 'where id = ids[i] and version = expected[i]'
  // Setting an indexed column to the value it has costs nothing here: PostgreSQL compares before it touches an index.
  const set = [
    'version = version + 1',
    'expires_at = expires[i]',
    'value = vals[i]::json',
    ...columns.map((column, place) => `${column} = ${values[place]}`),
  ]
  return `          case ops[i]
          when ${INSERT} then insert into ${table} (${['id', 'version', 'expires_at', 'value', ...columns].join(', ')}) values (${['ids[i]', '1', 'expires[i]', 'vals[i]::json', ...values].join(', ')}) on conflict (id) do nothing; held := found;
          when ${REPLACE} then update ${table} set ${set.join(', ')} ${ours}; held := found;
          when ${REQUIRE} then perform 1 from ${table} ${ours} for share; held := found;
          when ${DELETE} then delete from ${table} where id = ids[i]; held := true;
${columns.map((column, place) => `          when ${DELETE_BY + place} then delete from ${table} where ${column} = ids[i]; held := true;\n`).join('')}          end case;`
}
