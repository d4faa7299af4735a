/// The cluster record as a node keeps it: accepted, or known to be formed.
enum StoredRecord: Equatable, Sendable {
    case none
    case accepted(ClusterRecord)
    case bootstrapped(ClusterRecord)

    private static let acceptedFormat: UInt8 = 2

    var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }

    /// Nil for bytes that this version cannot read.
    init?(decoding bytes: [UInt8]?) {
        guard let bytes, let format = bytes.first else {
            self = .none
            return
        }
        let isAccepted = format == Self.acceptedFormat
        guard let record = ClusterRecord(decoding: isAccepted ? Array(bytes.dropFirst()) : bytes) else { return nil }
        self = isAccepted ? .accepted(record) : .bootstrapped(record)
    }

    /// A formed record stands as it is; format 2 before it means that it is only accepted; nothing means none.
    var encoded: [UInt8] {
        switch self {
        case .none: []
        case .accepted(let record): [Self.acceptedFormat] + record.encoded
        case .bootstrapped(let record): record.encoded
        }
    }
}
