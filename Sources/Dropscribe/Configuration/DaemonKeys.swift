extension ConfigurationKeys {
  static let state = ConfigurationSection(
    name: "state",
    title: "[state]",
    meaning: "Where dropscribe keeps what it knows.",
    keys: [
      ConfigurationKey(
        "path",
        .path,
        .words(
          "`$STATE_DIRECTORY`; with the file in `/etc/dropscribe`: `/var/lib/dropscribe`; else "
            + "`$XDG_STATE_HOME/dropscribe` or `~/.local/state/dropscribe`"
        ),
        "The folder of the journal, which holds transcripts: keep it private. One daemon at a time."
      ),
      ConfigurationKey(
        "socket",
        .path,
        .words(
          "`/run/dropscribe/control.sock` for a state in `/var/lib/dropscribe`; "
            + "`$XDG_RUNTIME_DIR/dropscribe/control.sock` for a user's default state; else `control.sock` in "
            + "the state's folder"
        ),
        "The Unix socket through which `status` and the like ask a running daemon; at most 107 bytes."
      ),
    ]
  )

  static let daemon = ConfigurationSection(
    name: "daemon",
    title: "[daemon]",
    meaning: "How the program as a whole behaves.",
    keys: [
      ConfigurationKey(
        "grace_seconds",
        anySeconds,
        .value(.whole(60)),
        "How long a stop waits for requests in flight. Keep it under the unit's `TimeoutStopSec=`."
      ),
      ConfigurationKey(
        "once_wait_seconds",
        anySeconds,
        .value(.whole(60)),
        "How long `run --once` waits for what does not move."
      ),
      ConfigurationKey(
        "slicer",
        .path,
        .words("beside `dropscribe`"),
        "The program that cuts recordings, `dropscribe-slice`."
      ),
      ConfigurationKey(
        "watcher",
        .path,
        .words("beside `dropscribe`"),
        "The program that watches folders, `dropscribe-watch`."
      ),
      ConfigurationKey(
        "ffmpeg",
        .path,
        .words("looked for in `$PATH`"),
        "The program that decodes what libsndfile cannot, such as M4A."
      ),
    ]
  )
}
