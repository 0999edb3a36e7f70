/** What has been asked of a database since the last {@link reset}. */
export interface Tally {
  calls: number;
  statements: number;
  rowsRead: number;
  reset(): void;
}

/** A D1 database that counts its calls, the way D1 charges for them. */
export function countingD1(db: D1Database): { db: D1Database; tally: Tally } {
  const tally: Tally = {
    calls: 0,
    statements: 0,
    rowsRead: 0,
    reset() {
      tally.calls = 0;
      tally.statements = 0;
      tally.rowsRead = 0;
    },
  };
  const counted = {
    prepare: (sql: string) => db.prepare(sql),
    async batch(statements: D1PreparedStatement[]) {
      tally.calls += 1;
      tally.statements += statements.length;
      const results = await db.batch(statements);
      for (const { meta } of results) tally.rowsRead += meta.rows_read;
      return results;
    },
  };
  return { db: counted as unknown as D1Database, tally };
}
