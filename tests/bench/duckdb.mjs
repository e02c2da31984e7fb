// Reads log files as DuckDB does at its best: only the member it needs, the type told.
//
//   node duckdb.mjs FOLDER-WITH-node_modules THREADS GLOB
//
// Prints how many different namespaces and lines there are.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [folder, threads, glob] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), 'package.json'));
const { DuckDBInstance } = require('@duckdb/node-api');

const instance = await DuckDBInstance.create(':memory:', { threads });
const connection = await instance.connect();
const quoted = `'${glob.replaceAll("'", "''")}'`;
const result = await connection.runAndReadAll(
  `SELECT count(*) AS namespaces, sum(lines) AS lines FROM (
     SELECT ns, count(*) AS lines
     FROM read_ndjson(${quoted}, columns = { ns: 'VARCHAR' }) GROUP BY ns)`);
console.log(result.getRows()[0].map(String).join(' '));
