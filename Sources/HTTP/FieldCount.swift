/// How often a field or parameter was given that may be given at most once. Callers reject `repeated`: a second request
/// id or a second `limit` is a mistake of the client, and picking one of them would be a guess.
package enum FieldCount<Value> {
    case absent
    case single(Value)
    case repeated(first: Value)
}

extension FieldCount: Equatable where Value: Equatable {}
extension FieldCount: Sendable where Value: Sendable {}
