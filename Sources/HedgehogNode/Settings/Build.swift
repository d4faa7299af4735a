internal import CBuild

/// The version of this program and how it was built.
package enum Build {
    package static let version = "0.1.0"

    /// The commit that the program was built from, or `unknown` if the build did not set it.
    static let revision = String(cString: hedgehog_build_revision())

    #if compiler(>=6.4)
    static let swiftVersion = "6.4 or later"
    #elseif compiler(>=6.3)
    static let swiftVersion = "6.3"
    #else
    static let swiftVersion = "6.2"
    #endif
}
