/// A node's durable cluster record: none, accepted during the bootstrap, or final (`formed`).
enum StoredRecord: Equatable, Sendable {
    case none
    case accepted(ClusterRecord)
    case bootstrapped(ClusterRecord)

    private static let acceptedFormat: UInt8 = 2

    var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }

    /// Nil for bytes that this program version cannot read.
    init?(decoding bytes: [UInt8]?) {
        guard let bytes, let format = bytes.first else {
            self = .none
            return
        }
        let isAccepted = format == Self.acceptedFormat
        guard let record = ClusterRecord(decoding: isAccepted ? Array(bytes.dropFirst()) : bytes) else { return nil }
        self = isAccepted ? .accepted(record) : .bootstrapped(record)
    }

    /// A final record is stored as it is, an accepted one after a byte 2, and no record as no bytes.
    var encoded: [UInt8] {
        switch self {
        case .none: []
        case .accepted(let record): [Self.acceptedFormat] + record.encoded
        case .bootstrapped(let record): record.encoded
        }
    }
}
