import GRDB

/// The journal's tables, as migrations: a migration that was released is never changed, a new one is added.
///
/// Times are seconds since 1970; paths are bytes; SHA-256 sums are lower-case hex; JSON columns hold the
/// Codable types of this folder.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: recordings, jobs, clips, attempts, sidecars") { db in
      try db.execute(
        sql: """
          CREATE TABLE recording (
            id INTEGER PRIMARY KEY,
            path BLOB NOT NULL,
            folder TEXT NOT NULL,
            device INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            sha256 TEXT NOT NULL,
            present INTEGER NOT NULL,
            seen REAL NOT NULL
          );
          CREATE UNIQUE INDEX recording_present ON recording (path) WHERE present;
          CREATE INDEX recording_path ON recording (path, sha256);
          CREATE INDEX recording_sha256 ON recording (sha256, present, folder);
          CREATE INDEX recording_folder ON recording (folder) WHERE present;

          -- A folder and a task that met: whether what was there before waits for a release.
          CREATE TABLE meeting (
            folder TEXT NOT NULL,
            task TEXT NOT NULL,
            since REAL NOT NULL,
            held INTEGER,
            PRIMARY KEY (folder, task)
          );

          CREATE TABLE job (
            id INTEGER PRIMARY KEY,
            sha256 TEXT NOT NULL,
            task TEXT NOT NULL,
            question TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            source TEXT,
            created REAL NOT NULL,
            finished REAL,
            revision INTEGER NOT NULL DEFAULT 0,
            earlier INTEGER NOT NULL DEFAULT 0,
            -- Waits, or would wait if it were configured, for a release.
            held INTEGER NOT NULL DEFAULT 0,
            begun INTEGER NOT NULL GENERATED ALWAYS AS (source IS NOT NULL) VIRTUAL,
            UNIQUE (sha256, task)
          );
          CREATE INDEX job_queue ON job (endpoint, begun, id) WHERE state = 'queued';
          CREATE INDEX job_state ON job (state, finished);

          CREATE TABLE clip (
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
            idx INTEGER NOT NULL,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            joint INTEGER NOT NULL,
            speech TEXT NOT NULL,
            level REAL NOT NULL,
            state TEXT NOT NULL,
            gap TEXT,
            detail TEXT,
            reply TEXT,
            reply_key TEXT NOT NULL,
            UNIQUE (job, idx)
          );
          CREATE INDEX clip_gap ON clip (job) WHERE state = 'gap';
          CREATE INDEX clip_reply_key ON clip (reply_key) WHERE reply IS NOT NULL;

          CREATE TABLE attempt (
            id INTEGER PRIMARY KEY,
            clip INTEGER NOT NULL REFERENCES clip ON DELETE CASCADE,
            started REAL NOT NULL,
            outcome TEXT NOT NULL,
            status INTEGER,
            milliseconds INTEGER,
            detail TEXT,
            -- Before a person said retry: no longer counted against the clip.
            forgiven INTEGER NOT NULL DEFAULT 0
          );
          CREATE INDEX attempt_clip ON attempt (clip);
          CREATE INDEX attempt_sent ON attempt (outcome) WHERE outcome = 'sent';

          CREATE TABLE sidecar (
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            kind TEXT NOT NULL,
            name BLOB NOT NULL,
            sha256 TEXT NOT NULL,
            meaning TEXT NOT NULL,
            PRIMARY KEY (recording, kind)
          );

          -- Which revision of a job the sidecars beside a recording show.
          CREATE TABLE delivery (
            recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
            job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
            revision INTEGER NOT NULL,
            PRIMARY KEY (recording, job)
          );
          """
      )
    }
    migrator.registerMigration("2: what a failed job waits for") { db in
      try db.execute(
        sql: """
          ALTER TABLE job ADD COLUMN lacks TEXT;
          CREATE INDEX job_lacks ON job (lacks) WHERE lacks IS NOT NULL;
          """
      )
    }
    migrator.registerMigration("3: channels of clips") { db in
      try db.execute(sql: "ALTER TABLE clip ADD COLUMN channel INTEGER")
    }
    return migrator
  }
}
