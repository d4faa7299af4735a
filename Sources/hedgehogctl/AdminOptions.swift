internal import ArgumentParser

/// How an operator who is not on the node's own machine shows that he may ask for it.
struct AdminOptions: ParsableArguments {
    @Option(help: "The file that the node was given as --cluster-secret-file.") var clusterSecretFile: String?

    func secret() throws -> String? {
        guard let path = clusterSecretFile else { return nil }
        let line = try ItemSource.file(path).read().prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }
}
