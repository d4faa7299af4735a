/// An invalid value of a log setting. The description contains the given value and the allowed values; the caller adds
/// the name of the flag.
package enum SettingError: Error, Equatable, CustomStringConvertible, Sendable {
    case unknownLogLevel(String)
    case unknownLogFormat(String)
    case unknownAccessLog(String)

    package var description: String {
        switch self {
        case .unknownLogLevel(let given): "\(given.debugDescription) is not one of debug, info, warn, error"
        case .unknownLogFormat(let given): "\(given.debugDescription) is not one of text, json"
        case .unknownAccessLog(let given):
            "\(given.debugDescription) is not one of all, errors, off, sampled:SHARE with a share from 0 to 1"
        }
    }
}
