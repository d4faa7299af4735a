package enum LogFormat: CaseIterable, Sendable {
    /// For people: `2026-11-24T14:05:06.123Z INFO message name=value`.
    case text
    /// For machines: one object a line.
    case json

    package init(parsing text: String) throws(SettingError) {
        switch text.lowercased() {
        case "text": self = .text
        case "json": self = .json
        default: throw .unknownLogFormat(text)
        }
    }
}
