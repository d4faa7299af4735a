/// Which requests get a line in the log.
package enum AccessLog: Equatable, Sendable {
    case all
    /// Failures and slow requests.
    case errors
    case off
    /// This share of all requests, by chance, beside failures and slow ones.
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

    /// What decides over a request that is done.
    package struct Outcome: Sendable {
        package var status: Int
        package var durationNanoseconds: UInt64
        /// The answer could not be handed over in full.
        package var wasCut: Bool

        package init(status: Int, durationNanoseconds: UInt64, wasCut: Bool) {
            self.status = status
            self.durationNanoseconds = durationNanoseconds
            self.wasCut = wasCut
        }

        /// A 404 is an answer, not a failure: a store is asked for what it does not hold all day.
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
