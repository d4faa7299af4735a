internal import ArgumentParser

/// The cluster secret, which authorizes an operator who is not on the node's own machine.
struct AdminOptions: ParsableArguments {
    @Option(help: "File with the cluster secret, the same as the node's --cluster-secret-file.")
    var clusterSecretFile: String?

    func secret() throws -> String? {
        guard let path = clusterSecretFile else { return nil }
        let line = try ItemSource.file(path).read().prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(decoding: line, as: UTF8.self)
    }
}
