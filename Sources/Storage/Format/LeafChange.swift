internal import Base
internal import Cluster

/// A leaf's sums after a batch. A journal entry is a sequence of these: table id (8), partition (2), leaf (1), then the
/// sums as in a leaf record (32). Numbers in brackets are bytes.
struct LeafChange: Equatable {
    static let encodedBytes = RowKey.indexPrefixBytes + EntrySums.encodedBytes

    let address: LeafAddress
    let sums: EntrySums

    func append(to bytes: inout [UInt8]) {
        RowKey.appendLeaf(address, to: &bytes)
        sums.append(to: &bytes)
    }

    /// Decodes a leaf journal entry. Returns nil if its bytes are not a sequence of valid leaf changes.
    static func decode(_ bytes: Span<UInt8>) -> [LeafChange]? {
        guard bytes.count % encodedBytes == 0 else { return nil }
        var changes: [LeafChange] = []
        changes.reserveCapacity(bytes.count / encodedBytes)
        for start in stride(from: 0, to: bytes.count, by: encodedBytes) {
            let sumsStart = start + RowKey.indexPrefixBytes
            guard let address = RowKey.leafAddress(of: bytes.extracting(start..<sumsStart)),
                let sums = EntrySums(record: bytes.extracting(sumsStart..<(start + encodedBytes)))
            else { return nil }
            changes.append(LeafChange(address: address, sums: sums))
        }
        return changes
    }
}
