import Dispatch

/// Threads for what may block: listings, hashes, a network filesystem that does not answer. The cooperative pool has
/// one thread for each core, and two hung reads would stop all else on a small machine.
final class FileThreads: TaskExecutor {
  static let shared = FileThreads()

  private let queue = DispatchQueue(label: "dropscribe.files", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedTaskExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}
