/// How often something that may be given once was given. Most callers must tell "twice" from "once": a second
/// request id or a second `limit` is somebody's mistake, not a choice for us to make.
package enum Occurrence<Value> {
    case absent
    case single(Value)
    case repeated(first: Value)
}

extension Occurrence: Equatable where Value: Equatable {}
extension Occurrence: Sendable where Value: Sendable {}
