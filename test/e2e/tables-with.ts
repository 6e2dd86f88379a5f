import type { DatabaseForTests } from '#testkit';

interface Column {
  readonly table: string;
  readonly column: string;
}

/**
 * The tables in any of whose columns this text stands, whatever the columns are called and of which type: in bytes (a
 * state, a plan, a record) as UTF-8. Every table there is, a day's for its parent; one that comes to be later as well.
 */
export async function tablesWith(database: DatabaseForTests, text: string): Promise<readonly string[]> {
  const columns = await database.query<Column & { readonly type: string }>(`
    select c.table_name as table, c.column_name as column, c.data_type as type
      from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')
     order by 1, 2`);
  const found = new Set<string>();
  for (const { table, column, type } of columns) {
    const contains =
      type === 'bytea'
        ? `position(convert_to($1, 'UTF8') in "${column}") > 0`
        : `position(lower($1) in lower("${column}"::text)) > 0`;
    const rows = await database.query(`select 1 from "${table}" where ${contains} limit 1`, [text]);
    if (rows.length > 0) found.add(table.replace(/_\d{8}$/, ''));
  }
  return [...found];
}
