/// Why a node does not start, in one sentence that says what to do.
package struct StartError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }

    /// Of a setting that was fixed when the cluster was formed.
    static func contradiction(_ setting: Setting, stored: String, given: String) -> StartError {
        StartError(
            "--\(setting.rawValue) is \(given), but this node's cluster was formed with \(stored); "
                + "leave it out or give the same")
    }
}
