import Testing

@testable import Cluster

private enum Samples {
    static let envelope = Envelope(
        clusterID: StoreID(high: 1, low: 2), recordHash: 3, sender: "a", target: "b", storeID: StoreID(high: 4, low: 5),
        bootNonce: 6)

    static let longest = [UInt8](repeating: 0x6B, count: ItemKey.maximumBytes)

    /// Around the longest key there is, where a bound that was cut would show.
    static let keys: [ItemKey] = {
        let below = longest.dropLast() + [0x6A]
        let above = longest.dropLast() + [0x6C]
        let keys: [[UInt8]] = [
            [0x61], [0x6B], longest.dropLast(), longest.dropLast(2), longest, Array(below), Array(above), [0x7A],
        ]
        return keys.map { ItemKey(stored: Array($0)) }
    }()

    static let bounds: [[UInt8]] = [
        longest, longest + [0], longest + [0, 0], longest + [0x6B], longest + [UInt8](repeating: 0xFF, count: 70_000),
        Array(longest.dropLast()) + [0x6A, 0xFF, 0xFF, 0xFF], Array(longest.dropLast()) + [0x6C, 0, 0, 0],
        [UInt8](repeating: 0x61, count: 100_000), [UInt8](repeating: 0xFF, count: 5_000),
    ]
}

/// Clients choose the bounds of a scan, and they may be longer than any key; no message has room for that.
@Suite struct ScanBoundTests {
    private func arrived(_ request: PageRequest) throws -> PageRequest? {
        let call = PeerCall(.page(request), remainingMilliseconds: 1, trace: .none)
        let decoded = try CallBatch(decoding: CallBatch(Samples.envelope, calls: [call]).encoded)
        guard case .page(let request) = decoded.calls[0].operation else { return nil }
        return request
    }

    private func expectSameRange(_ request: PageRequest) throws {
        let range = KeyRange(of: request)
        let farRange = KeyRange(of: try #require(try arrived(request)))
        for key in Samples.keys {
            #expect(farRange.contains(key) == range.contains(key), "a key of \(key.bytes.count) bytes")
        }
    }

    @Test("A bound longer than any key bounds the same keys on the other side", arguments: 0..<9)
    func bounds(index: Int) throws {
        for field in [\PageRequest.start, \.end, \.after] {
            for reverse in [false, true] {
                var request = PageRequest(table: ReplicaGroup.table)
                request.reverse = reverse
                request[keyPath: field] = Samples.bounds[index]
                try expectSameRange(request)
            }
        }
    }

    @Test("A prefix longer than any key is one of no key on the other side too", arguments: 0..<9)
    func prefixes(index: Int) throws {
        var request = PageRequest(table: ReplicaGroup.table)
        request.prefix = Samples.bounds[index]
        try expectSameRange(request)
    }

    @Test("A bound as long as a key, and its successor, arrive as they are")
    func exact() throws {
        var request = PageRequest(table: ReplicaGroup.table)
        request.start = Samples.longest
        request.end = Samples.longest + [0]
        #expect(try arrived(request) == request)
    }
}
