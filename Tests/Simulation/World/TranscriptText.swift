internal import Cluster

// The text forms of versions, answers and tables in the transcripts and failure messages of the simulation.

extension Version {
    /// The 32 hexadecimal digits of the version's ETag.
    fileprivate var transcriptText: String {
        var digits: [UInt8] = []
        appendHex(to: &digits)
        return String(decoding: digits, as: UTF8.self)
    }
}

extension Unavailable {
    fileprivate var transcriptText: String {
        "unavailable, \(acks) of \(required) replicas answered, outcome \(outcome.rawValue), reason \(reason)"
    }
}

extension Coordinator.WriteAnswer {
    var transcriptText: String {
        switch self {
        case .done(let version): "done, version \(version.transcriptText)"
        case .noItem: "no item"
        case .noTable: "no table"
        case .unavailable(let unavailable): unavailable.transcriptText
        }
    }
}

extension Coordinator.ReadAnswer {
    var transcriptText: String {
        switch self {
        case .found(let item):
            "found \(String(decoding: item.value, as: UTF8.self)), version \(item.version.transcriptText)"
        case .noItem: "no item"
        case .noTable: "no table"
        case .unavailable(let unavailable): unavailable.transcriptText
        }
    }
}

extension TableState {
    var transcriptText: String { "table \(name), generation \(generation), \(isDeleted ? "deleted" : "live")" }
}
