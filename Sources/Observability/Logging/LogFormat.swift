package enum LogFormat: CaseIterable, Sendable {
    /// Log lines as readable text: `2026-11-24T14:05:06.123Z INFO message name=value`.
    case text
    /// Log lines as JSON, one object on each line.
    case json

    package init(parsing text: String) throws(SettingError) {
        switch text.lowercased() {
        case "text": self = .text
        case "json": self = .json
        default: throw .unknownLogFormat(text)
        }
    }
}
