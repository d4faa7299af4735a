/// How often something that may be given once was given. Most callers must tell "twice" from "once": a second
/// request id or a second `limit` is somebody's mistake, not a choice for us to make.
package enum FieldCount<Value> {
    case absent
    case single(Value)
    case repeated(first: Value)
}

extension FieldCount: Equatable where Value: Equatable {}
extension FieldCount: Sendable where Value: Sendable {}
