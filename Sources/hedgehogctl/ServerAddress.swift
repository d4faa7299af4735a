/// The base URL of a node, `http://host:port`, to which request paths are appended.
struct ServerAddress: Equatable, CustomStringConvertible {
    static let standard = "http://127.0.0.1:8081"
    static let variable = "HEDGEHOG_URL"

    let description: String

    init(parsing text: String) throws(ControlFailure) {
        let scheme = text.lowercased().prefix { $0 != "/" }
        let rest = text.dropFirst(scheme.count)
        guard scheme == "http:" || scheme == "https:", rest.hasPrefix("//"), rest.dropFirst(2).first != "/",
            rest.count > 2, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains(where: "?#".contains)
        else { throw .badAddress(text) }
        var base = text[...]
        while base.last == "/" { base.removeLast() }
        description = String(base)
    }

    /// Takes the server's address from the command-line option, else from the environment variable, else `standard`. An
    /// empty variable counts as unset.
    init(option: String?, environment: String?) throws(ControlFailure) {
        let variable = environment?.isEmpty == false ? environment : nil
        try self.init(parsing: option ?? variable ?? Self.standard)
    }
}
