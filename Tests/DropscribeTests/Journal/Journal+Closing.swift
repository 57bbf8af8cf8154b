import GRDB

@testable import Dropscribe

extension Journal {
  /// Lets go of the file, as the end of the process would.
  func close() throws { try database.close() }
}
