package enum LogLevel: Int, Comparable, CaseIterable, Sendable {
    case debug, info, warn, error

    /// In any case; `warning` is understood too.
    package init(parsing text: String) throws(SettingError) {
        switch text.lowercased() {
        case "debug": self = .debug
        case "info": self = .info
        case "warn", "warning": self = .warn
        case "error": self = .error
        default: throw .unknownLogLevel(text)
        }
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

    var lowercase: StaticString {
        switch self {
        case .debug: "debug"
        case .info: "info"
        case .warn: "warn"
        case .error: "error"
        }
    }

    var uppercase: StaticString {
        switch self {
        case .debug: "DEBUG"
        case .info: "INFO"
        case .warn: "WARN"
        case .error: "ERROR"
        }
    }
}
