import Base

@testable import Cluster

/// Sample values of the wire types: at least one of each kind of call, answer and message.
enum WireSamples {
    static let envelope = Envelope(
        clusterID: ClusterID(high: 0x1112_1314_1516_1718, low: 0x191A_1B1C_1D1E_1F10),
        recordHash: 0x2122_2324_2526_2728,
        sender: "node-1", target: "knoten-ü", storeID: StoreID(high: 3, low: 4), bootNonce: 0x3132_3334_3536_3738,
        replacements: [
            .init(member: 0, storeID: StoreID(high: 5, low: 6)),
            .init(member: 65_535, storeID: StoreID(high: .max, low: .max)),
        ])

    static let trace = RequestTrace(
        requestID: Array("req-7f3a".utf8), traceHigh: 0x4142_4344_4546_4748, traceLow: 0x5152_5354_5556_5758,
        spanID: 0x6162_6364_6566_6768, traceFlags: 1)

    static func table(
        _ name: String, generation: UInt64 = 1, isDeleted: Bool = false, createdAt: UInt64 = 1_800_000_000_000
    ) -> TableState {
        guard let name = try? TableName(validating: Array(name.utf8)) else { preconditionFailure("no name: \(name)") }
        return TableState(
            name: name, generation: generation, isDeleted: isDeleted, createdAtMilliseconds: createdAt)
    }

    static let users = table("users")
    static let usersDeleted = table("users", isDeleted: true)
    static let usersAgain = table("users", generation: 2)
    static let long = table(String(repeating: "T", count: TableName.maximumBytes), generation: 1 << 63)

    static func key(_ text: String) -> ItemKey { ItemKey(stored: Array(text.utf8)) }

    static let longKey = key(String(repeating: "ü", count: ItemKey.maximumBytes / 2))
    static let version = Version(
        clock: HybridTimestamp(milliseconds: 1_800_000_000_000), writeID: 0x7172_7374_0000_0009)
    static let item = StoredItem(version: version, isTombstone: false, value: Array(#"{"name":"Ada"}"#.utf8))
    static let tombstone = StoredItem(version: version, isTombstone: true, value: [])
    /// An item without its value, as in a scan page that was requested with keys only.
    static let keyOnly = StoredItem(version: version, isTombstone: false, value: [])
    static let large = StoredItem(version: version, isTombstone: false, value: [UInt8](repeating: 0x61, count: 1 << 20))

    static var fullPageRequest: PageRequest {
        var request = PageRequest(table: users)
        request.start = Array("a".utf8)
        request.end = longKey.bytes + [0]
        request.prefix = [0xFF]
        request.after = []
        request.reverse = true
        request.keysOnly = true
        request.limit = WireLimits.pageEntries
        request.maximumBytes = WireLimits.pageBytes
        return request
    }

    static let operations: [PeerCall.Operation] = [
        .version(users, key("a")),
        .get(usersAgain, longKey),
        .put(users, key("a b%20&#/\u{0}"), item),
        .put(long, key("gone"), tombstone),
        .put(users, key("big"), large),
        .readTable(users.name),
        .readTable(long.name),
        .writeTable(usersDeleted),
        .page(PageRequest(table: usersAgain)),
        .page(fullPageRequest),
        .sums(users),
        .repair(users, key("a"), item),
        .repair(usersAgain, longKey, tombstone),
        .readCatalog,
        .compare(TreeDigest(roots: 0x9192_9394_9596_9798, catalog: .max)),
        .leaves([]),
        .leaves((0..<64).map { PartitionID(65_535 - $0) }),
        .list(LeafRequest(KeyPlace(partition: 0, leaf: 0), limit: 1)),
        .list(
            LeafRequest(
                KeyPlace(partition: 65_535, leaf: 63), after: RowPlace(table: users.id, key: longKey),
                limit: WireLimits.leafRows)),
        .promise(partition: 255, version.clock),
        .purge(partition: 65_535, HybridTimestamp(rawValue: .max - 1)),
    ]

    static var calls: [PeerCall] {
        operations.enumerated().map { number, operation in
            PeerCall(
                operation, remainingMilliseconds: number == 0 ? .max : UInt32(number),
                trace: number.isMultiple(of: 2) ? trace : .none)
        }
    }

    static let sums = (0..<256).map {
        PartitionSums(hash: UInt64.max - $0, live: $0, tombstones: $0 / 2, bytes: $0 << 20)
    }

    static let answers: [PeerAnswer] = [
        .version(nil, floor: HybridTimestamp(rawValue: 0)),
        .version(nil, floor: version.clock),
        .version(
            HeldVersion(version: version, isTombstone: false, checksum: .max), floor: HybridTimestamp(rawValue: 0)),
        .version(HeldVersion(version: version, isTombstone: true, checksum: 0), floor: version.clock),
        .version(
            HeldVersion(version: .deleted(at: version.clock), isTombstone: true, checksum: 0), floor: version.clock),
        .item(nil), .item(item), .item(tombstone), .item(large),
        .stored, .superseded(by: version),
        .table(nil), .table(users), .table(usersDeleted), .table(users),
        .page(Page(entries: [], next: nil)),
        .page(Page(entries: [], next: key("z"))),
        .page(
            Page(
                entries: [
                    .init(key: key("a"), item: item), .init(key: key("b"), item: tombstone),
                    .init(key: longKey, item: keyOnly),
                ], next: longKey)),
        .sums([]), .sums(sums),
        .catalog([]), .catalog([users, usersDeleted, long]),
        .roots(nil), .roots([]), .roots((0..<256).map { UInt64.max - $0 }),
        .leaves([]), .leaves([leaves(of: 0), leaves(of: 65_535, purged: version.clock, isRecovering: true)]),
        .rows(LeafList(rows: [], hasMore: false)), .rows(LeafList(rows: rows, hasMore: true)),
        .tableDeleted, .recovering, .expired, .overloaded,
        .refused(""), .refused("the disk is full: 3 % left – für später"), .failed("the disk failed"),
    ]

    static func leaves(
        of partition: PartitionID, purged: HybridTimestamp = HybridTimestamp(rawValue: 0), isRecovering: Bool = false
    ) -> PartitionLeaves {
        PartitionLeaves(
            partition: partition, purged: purged, isRecovering: isRecovering,
            digests: (0..<64).map { UInt64.max - $0 - UInt64(partition.rawValue) })
    }

    /// Sample rows of a leaf list: two rows of one table, one of them a tombstone, and a row of another table.
    static let rows: [LeafList.Row] = [
        .init(place: RowPlace(table: TableID(rawValue: 1), key: key("a")), held: HeldVersion(item)),
        .init(place: RowPlace(table: TableID(rawValue: 1), key: key("b")), held: HeldVersion(tombstone)),
        .init(place: RowPlace(table: TableID(rawValue: .max), key: longKey), held: HeldVersion(large)),
    ]

    static func node(_ number: UInt64, isRecovering: Bool = false) -> NodeDescription {
        NodeDescription(
            nodeID: "node-\(number)", address: "[::1]:\(8080 + number)", storeID: StoreID(high: number, low: .max),
            bootCounter: number, bootNonce: .max - number, durableSequence: number << 40, isRecovering: isRecovering)
    }

    static func record(members: Int = 3) -> ClusterRecord {
        guard let quorums = try? Quorums(replicas: 3, members: members) else { preconditionFailure("no quorums") }
        return ClusterRecord(
            clusterID: envelope.clusterID, epoch: 1,
            members: (1...members).map { .init(nodeID: "node-\($0)", storeID: StoreID(high: UInt64($0), low: .max)) },
            quorums: quorums, partitions: 256, gcGraceMilliseconds: 86_400_000, hintWindowMilliseconds: 10_800_000)
    }

    static func gossip(
        target: NodeID? = nil, seen: NodeDescription? = nil, known: [NodeDescription] = [],
        bootstrap: BootstrapView? = nil, catalog: [TableState] = [], wallMilliseconds: UInt64 = 1_800_000_000_000,
        isRecovering: Bool = false
    ) -> GossipMessage {
        GossipMessage(
            sender: node(1, isRecovering: isRecovering), wallMilliseconds: wallMilliseconds, target: target, seen: seen,
            known: known,
            bootstrap: bootstrap ?? BootstrapView(expected: 3, record: nil, isBootstrapped: false, acceptedBy: []),
            catalogDigest: 0x8182_8384_8586_8788, catalog: catalog)
    }

    static let gossips: [GossipMessage] = [
        gossip(),
        gossip(target: "node-2", known: (2...256).map { node($0, isRecovering: $0.isMultiple(of: 2)) }),
        gossip(target: "node-2", seen: node(2), isRecovering: true),
        gossip(
            bootstrap: BootstrapView(
                expected: 3, record: record(), isBootstrapped: false,
                acceptedBy: ["node-1", "node-3"])),
        gossip(
            bootstrap: BootstrapView(expected: 0, record: record(members: 1), isBootstrapped: true, acceptedBy: []),
            catalog: [users, usersDeleted, long], wallMilliseconds: WireLimits.wallMilliseconds),
    ]
}

/// Appends a valid checksum to the bytes of a message, whatever they contain.
func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes.appendBigEndian(xxh3(bytes))
    return bytes
}
