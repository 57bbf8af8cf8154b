// One program for every target: script/fuzz names the target in the environment, since libFuzzer starts the
// program anew with arguments of its own.

import CFuzzer
import Glibc

guard let name = getenv("FUZZ_TARGET"), let target = Target.named(String(cString: name)) else {
  print("FUZZ_TARGET is one of: \(Target.all.map(\.name).joined(separator: " "))")
  exit(64)
}
chosen = target
if let folder = getenv("FUZZ_SEEDS") {
  for (index, seed) in target.seeds.enumerated() {
    let file = open("\(String(cString: folder))/seed-\(index)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard write(file, seed, seed.count) == seed.count else {
      perror("a seed cannot be written")
      exit(73)
    }
    close(file)
  }
  exit(0)
}
signal(SIGPIPE, SIG_IGN)
var count = CommandLine.argc
var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &list) { data, size in
    // -1 keeps an input that the target has no use for out of the corpus.
    (chosen?.run(Array(UnsafeBufferPointer(start: data, count: size))) ?? true) ? 0 : -1
  }
)
