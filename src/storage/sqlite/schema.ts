/**
 * The tables, as the steps that made them: version N of the file is what the first N steps leave.
 *
 * A step that has been released is never changed; whatever is to be different is one more step at the end.
 */

/** `Post` in ASCII: marks the file as ours (`PRAGMA application_id`). */
export const APPLICATION_ID = 0x506f7374

export interface Migration {
  /** What it brings, for the reader of this list. */
  readonly description: string
  readonly sql: string
}

// Positions are never used twice (AUTOINCREMENT): a cursor must not skip a record that came later. The same keyword on
// the audit log remembers how long it has been, so that a cut at its end shows. REPLACE fires no delete trigger; the
// trigger on inserts stops it.
export const MIGRATIONS: readonly Migration[] = [
  {
    description: 'Records, their revision, and the audit log.',
    sql: `
      CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
      INSERT INTO meta VALUES ('revision', 0), ('cursor-key', randomblob(32));

      CREATE TABLE record (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        account_id TEXT NOT NULL,
        region TEXT NOT NULL,
        kind TEXT NOT NULL,
        parent TEXT NOT NULL,
        id TEXT NOT NULL,
        body TEXT NOT NULL,
        revision INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX record_by_key ON record (account_id, region, parent, kind, id);
      CREATE INDEX record_by_list ON record (kind, account_id, region, parent);

      CREATE TABLE audit (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        time TEXT NOT NULL,
        entry TEXT NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      CREATE TRIGGER audit_in_sequence BEFORE INSERT ON audit
        WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
        BEGIN SELECT raise(ABORT, 'the audit log has no gaps'); END;
      CREATE TRIGGER audit_is_not_edited BEFORE UPDATE ON audit
        BEGIN SELECT raise(ABORT, 'the audit log only grows'); END;
      CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
        BEGIN SELECT raise(ABORT, 'the audit log only grows'); END;
    `,
  },
  {
    description:
      'Secrets of access keys are sealed, which an older Postern would take for keys without one.',
    sql: '',
  },
]
