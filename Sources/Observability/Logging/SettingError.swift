/// A setting of the logs that could not be read. The description says what was given and what is allowed; the name of
/// the flag is the caller's to say.
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
