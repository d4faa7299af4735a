internal import CBuild

/// What this program is.
package enum Build {
    package static let version = "0.1.0"

    /// The commit it was built from; `unknown` unless the build was told.
    static let revision = String(cString: hedgehog_build_revision())

    #if compiler(>=6.4)
    static let swiftVersion = "6.4 or later"
    #elseif compiler(>=6.3)
    static let swiftVersion = "6.3"
    #else
    static let swiftVersion = "6.2"
    #endif
}
