/// A node's durable cluster record: none, accepted during the bootstrap, or final (`bootstrapped`).
enum StoredRecord: Equatable, Sendable {
    case none
    case accepted(ClusterRecord)
    case bootstrapped(ClusterRecord)

    private static let acceptedFormat: UInt8 = 2

    var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }

    /// Decodes the row that holds the cluster record. Nil for bytes that this program version cannot read.
    init?(decoding bytes: [UInt8]?) {
        guard let bytes, let format = bytes.first else {
            self = .none
            return
        }
        let isAccepted = format == Self.acceptedFormat
        guard let record = ClusterRecord(decoding: isAccepted ? Array(bytes.dropFirst()) : bytes) else { return nil }
        self = isAccepted ? .accepted(record) : .bootstrapped(record)
    }

    /// The encoding of this node's cluster record on disk: a final record as it is, an accepted record after a byte 2,
    /// and no bytes without a record.
    var encoded: [UInt8] {
        switch self {
        case .none: []
        case .accepted(let record): [Self.acceptedFormat] + record.encoded
        case .bootstrapped(let record): record.encoded
        }
    }
}
