@testable import Dropscribe

/// A configuration that is read again while the daemon is at work: a slip in it must be an error, never the end.
enum Configuration {
  static let seeds = [
    """
    [endpoint.azure]
    url = "https://example.com/models?x=\\u00E9" # a comment
    key = { env = "KEY", nested = { file = '/run/key' } }
    headers."x-a b" = ["a", 'b', \"\"\"c \\
      d\"\"\",]
    """,
    "a = 1_000\nb = 0xFF\nc = -1.5e-3\nd = nan\ne = 1979-05-27T07:32:00.5-07:00\nf = 07:32:00\ng = [[1], [2.0]]\n",
    "[[a.b]]\nx.y = true\n[[a.b]]\n[a.b.c]\nz = '''\nl\n'''\r\n",
  ].map { Array($0.utf8) }

  static func run(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(TOMLDocument.SyntaxError) {
      let document = try TOMLDocument(text)
      _ = TOMLNode.table(document.entries).toml
      precondition(document.lines.values.allSatisfy { (1...text.utf8.count + 1).contains($0) })
    } catch {
      precondition(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
    }
    return true
  }
}
