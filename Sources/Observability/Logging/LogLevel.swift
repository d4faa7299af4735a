package enum LogLevel: Int, Comparable, CaseIterable, Sendable {
    case debug, info, warn, error

    /// Reads a log level in upper or lower case. `warning` means `warn`.
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

    /// Returns the text of a log line from the end of its timestamp to the start of its message. It contains the level.
    func afterTimestamp(_ format: LogFormat) -> StaticString {
        switch (self, format) {
        case (.debug, .text): " DEBUG "
        case (.info, .text): " INFO "
        case (.warn, .text): " WARN "
        case (.error, .text): " ERROR "
        case (.debug, .json): "\",\"level\":\"debug\",\"msg\":"
        case (.info, .json): "\",\"level\":\"info\",\"msg\":"
        case (.warn, .json): "\",\"level\":\"warn\",\"msg\":"
        case (.error, .json): "\",\"level\":\"error\",\"msg\":"
        }
    }
}
