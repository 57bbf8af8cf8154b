/// Does what must not fail here; an error is a finding.
func must<Value>(_ body: () throws -> Value) -> Value {
  do { return try body() } catch { preconditionFailure("\(error)") }
}
