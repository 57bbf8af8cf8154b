import Glibc
import Logging
import SystemPackage

/// The intake of one folder. Hints say where to look, a scan says what is there, and what has settled is hashed and
/// handed to the ledger.
actor FolderIntake {
  typealias Instant = SuspendingClock.Instant

  /// How long each thing waits.
  struct Pace: Sendable {
    /// Between two scans where events cannot be had.
    var poll: Duration = .seconds(10)
    /// Between two looks for a folder that is missing.
    var missing: Duration = .seconds(5)
    /// For the watching child to be ready, before the first scan is made without it.
    var start: Duration = .seconds(2)
    /// Before a scan that failed is tried again.
    var retry: Duration = .seconds(5)
  }

  let folder: FolderConfiguration
  let executable: FilePath
  let ledger: any RecordingLedger
  let turnstile: Turnstile
  let pace: Pace
  let rules: Settling.Rules
  let names: NameRules
  let bell = Doorbell()
  let log: Logger

  var room = WaitingRoom()
  var passedOver = PassedOver()
  /// How many recordings the ledger took.
  var takenCount = 0
  private var ages: FileAge

  var scanDue: Instant?
  var lastScan: Instant?
  /// The log knows that scans fail.
  var scanHasFailed = false
  private var isScanning = false
  private var isOnce = false
  private var subtrees: Set<FilePath> = []
  /// Files that the ledger was told of as discovered and that have not been taken. Hashes, which are small; two that
  /// collide make a backlog one file shorter.
  var told: Set<Int> = []
  /// Things of the folder as a whole that the log has already heard.
  var complained: Set<FilePath> = []

  var isMissing = false
  /// A filesystem that held recordings is not mounted.
  var missesDevice = false
  /// Why the folder is scanned every few seconds: for good, or while no child watches all of it.
  var pollReason: String?
  var blindReason: String?
  /// What the log heard last of a child that failed.
  var lastFailure: String?
  /// The present child cannot watch all of it.
  var hasBlindSpots = false
  var leash: Leash?
  /// The folder that the present child watches, so that another one under its name is noticed.
  var watched: FolderScan.Root?

  init(
    folder: FolderConfiguration,
    executable: FilePath,
    ledger: any RecordingLedger,
    turnstile: Turnstile,
    logger: Logger,
    pace: Pace
  ) {
    self.folder = folder
    self.executable = executable
    self.ledger = ledger
    self.turnstile = turnstile
    self.pace = pace
    rules = Settling.Rules(
      settle: .seconds(folder.settleSeconds),
      quiet: .seconds(folder.quietSeconds),
      incomplete: .seconds(folder.incompleteSeconds)
    )
    names = NameRules(include: folder.include, exclude: folder.exclude)
    ages = FileAge(distrust: rules.quiet + rules.incomplete)
    var log = logger
    log[metadataKey: "folder.name"] = "\(folder.name)"
    log[metadataKey: "folder.path"] = "\(folder.path.readable)"
    self.log = log
  }

  /// Works until the task is cancelled. Everything that it started has ended when it returns.
  func run() async {
    let watches = await choosesToWatch()
    scanDue = now.advanced(by: watches ? pace.start : .zero)
    await withDiscardingTaskGroup { group in
      if watches { group.addTask { await self.watchOn() } }
      while !Task.isCancelled { await turn(&group) }
      group.cancelAll()
    }
  }

  /// One scan without watching, and all that comes of it. Returns when nothing waits any more, or at the deadline
  /// as soon as nothing is being read.
  func settle(by deadline: Instant) async {
    isOnce = true
    scanDue = now
    await withDiscardingTaskGroup { group in
      while !Task.isCancelled {
        let isBusy = isScanning || room.isBusy
        let isDone = room.isEmpty && !room.hasOverflowed && scanDue == nil && subtrees.isEmpty
        if !isBusy, isDone || now >= deadline { break }
        await turn(&group, until: deadline)
      }
      group.cancelAll()
    }
  }

  /// Starts what is due, and waits for what is due next.
  private func turn(_ group: inout DiscardingTaskGroup, until deadline: Instant? = nil) async {
    let heard = bell.rings
    let now = now
    ages.observe(wall: Self.wallClock(), now: now)
    if room.canTakeMore() { requestScan() }
    if !isScanning, let due = scanDue, due <= now {
      isScanning = true
      scanDue = nil
      group.addTask { await self.scanOnce() }
    }
    for subtree in subtrees { group.addTask { await self.scan(below: subtree) } }
    subtrees.removeAll()
    for path in room.takeDue(at: now) { group.addTask { await self.attend(to: path) } }
    let dues = [room.nextDue, isScanning ? nil : scanDue, deadline.flatMap { $0 > now ? $0 : nil }]
    await bell.wait(after: heard, until: dues.compactMap(\.self).min())
  }

  private func scanOnce() async {
    await scan()
    isScanning = false
    bell.ring()
  }

  /// The next scan is due then, or earlier when one was asked for.
  func schedule(after interval: Duration) {
    if isOnce { return }
    let due = now.advanced(by: interval)
    scanDue = min(scanDue ?? due, due)
  }

  func requestScan() {
    scanDue = now
    bell.ring()
  }

  func requestScan(below folder: FilePath) {
    if subtrees.count < 100 { subtrees.insert(folder) } else { requestScan() }
  }

  func age(of identity: FileIdentity) -> Duration? { ages.age(of: identity) }

  var now: Instant { SuspendingClock().now }

  private static func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
