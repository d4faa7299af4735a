/// The policy of the access log: it decides which finished requests are logged.
package enum AccessLog: Equatable, Sendable {
    case all
    /// Logs failures and slow requests.
    case errors
    case off
    /// Logs failures, slow requests and a random share of all other requests.
    case sampled(share: Double)

    package init(parsing text: String) throws(SettingError) {
        switch text {
        case "all": self = .all
        case "errors": self = .errors
        case "off": self = .off
        default:
            guard let share = Self.share(text) else { throw .unknownAccessLog(text) }
            self = .sampled(share: share)
        }
    }

    private static func share(_ text: String) -> Double? {
        let prefix = "sampled:"
        guard text.hasPrefix(prefix) else { return nil }
        let number = text.dropFirst(prefix.count)
        guard number.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: ".") }),
            let share = Double(number), 0...1 ~= share
        else { return nil }
        return share
    }

    /// The properties of a finished request that decide whether it is logged.
    package struct Outcome: Sendable {
        package var status: Int
        package var durationNanoseconds: UInt64
        /// Whether the connection broke before the response to the request was complete.
        package var wasCut: Bool

        package init(status: Int, durationNanoseconds: UInt64, wasCut: Bool) {
            self.status = status
            self.durationNanoseconds = durationNanoseconds
            self.wasCut = wasCut
        }

        /// Whether the request failed. A 404 is not a failure: reads of missing items are normal in a store.
        var isFailure: Bool { wasCut || status >= 400 && status != 404 }
    }

    package func admits(
        _ outcome: Outcome, slowNanoseconds: UInt64, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        let isNotable = outcome.isFailure || outcome.durationNanoseconds > slowNanoseconds
        switch self {
        case .all: return true
        case .errors: return isNotable
        case .off: return false
        case .sampled(let share): return isNotable || Double(generator.next() >> 11) * 0x1p-53 < share
        }
    }
}
