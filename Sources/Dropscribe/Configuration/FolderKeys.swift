extension ConfigurationKeys {
  static let folder = ConfigurationSection(
    name: "folder",
    title: "[folder.NAME]",
    isNamed: true,
    meaning: "Where recordings come from. At least one; none inside another.",
    keys: [
      ConfigurationKey(
        "path",
        .path,
        .required,
        "Absolute, relative to this file's folder, or with `~/`. `run` waits for a folder that is not there, "
          + "`check` calls it an error."
      ),
      ConfigurationKey(
        "tasks",
        .texts,
        .words("`\(builtInTask)`, or the only task"),
        "The names of the tasks that every recording gets."
      ),
      ConfigurationKey("recursive", .flag, .value(.flag(true)), "Whether subfolders count."),
      ConfigurationKey(
        "settle_seconds",
        anySeconds,
        .value(.whole(2)),
        "A recording is taken when it was closed after writing and has not changed for so long. One that was "
          + "moved in is taken at once."
      ),
      ConfigurationKey(
        "quiet_seconds",
        anySeconds,
        .value(.whole(30)),
        "The same where nobody saw it closed: at the start, and on filesystems without events."
      ),
      ConfigurationKey(
        "incomplete_seconds",
        anySeconds,
        .value(.whole(60)),
        "So much longer waits a recording whose header declares more than is there."
      ),
      ConfigurationKey(
        "rescan_seconds",
        .number(5...86_400, unit: "seconds"),
        .value(.whole(300)),
        "How often the folder is listed in case an event was lost."
      ),
      ConfigurationKey(
        "poll",
        .either([.exactly(.text("auto")), .flag]),
        .value(.text("auto")),
        "Whether the folder is listed every few seconds instead of watched. `\"auto\"` does so on filesystems "
          + "that report no events, such as NFS and SMB."
      ),
      ConfigurationKey(
        "include",
        .texts,
        .words("all"),
        "Shell patterns of recordings to take, matched against the path below the folder and the name alone."
      ),
      ConfigurationKey("exclude", .texts, .words("none"), "Shell patterns of what to leave; they win."),
      ConfigurationKey(
        "backlog",
        .either([.choice(["all", "none"]), .whole(1...1_000_000)]),
        .words("20; `\"all\"` where every endpoint is on this machine"),
        "What happens to recordings that were there before the folder was configured: up to so many are "
          + "taken by themselves; more than that, and all wait for `dropscribe release`."
      ),
    ]
  )
}
