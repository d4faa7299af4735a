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

    /// What a line says between its moment and its message.
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
