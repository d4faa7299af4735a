@testable import Cluster

func itemKey(_ text: String) -> ItemKey { ItemKey(stored: Array(text.utf8)) }

/// Returns `count` different keys that all belong to one leaf of one partition, in a cluster with sixteen partitions.
func keys(ofLeaf leaf: UInt8, partition: PartitionID = 7, count: Int) -> [ItemKey] {
    var found: [ItemKey] = []
    var number = 0
    while found.count < count {
        let key = itemKey("key-\(number)")
        if KeyPlace(key: key, partitions: 16) == KeyPlace(partition: partition, leaf: leaf) { found.append(key) }
        number += 1
    }
    return found
}

extension HybridTimestamp {
    static let never = HybridTimestamp(rawValue: 0)
}

extension PeerCall.Operation {
    /// A short description of a call between nodes, for test transcripts.
    var summary: String {
        switch self {
        case .version(_, let key): "version of \(text(key))"
        case .get(_, let key): "get \(text(key))"
        case .put(_, let key, let item): "\(item.isTombstone ? "delete" : "put") \(text(key))"
        case .repair(_, let key, let item): "repair \(text(key)) with \(item.isTombstone ? "a tombstone" : "a value")"
        case .readTable, .writeTable: "table"
        case .page, .sums: "scan"
        case .readCatalog: "catalog"
        case .compare: "compare"
        case .leaves(let partitions): "leaves of \(partitions.count == 1 ? "one partition" : "\(partitions.count)")"
        case .list(let request): request.after == nil ? "list" : "list next page"
        case .promise: "promise"
        case .purge: "purge"
        }
    }
}

extension PeerAnswer {
    /// A short description of an answer between nodes, for test transcripts.
    var summary: String {
        switch self {
        case .roots(nil): "equal"
        case .roots(let roots?): "\(roots.count) roots"
        case .leaves: "leaves"
        case .rows(let list): "\(list.rows.count) rows\(list.hasMore ? ", and more" : "")"
        case .version(nil, _), .item(nil): "nothing"
        case .version: "a version"
        case .item: "an item"
        case .stored: "stored"
        case .superseded: "superseded"
        case .catalog: "catalog"
        default: explanation
        }
    }
}

private func text(_ key: ItemKey) -> String { String(decoding: key.bytes, as: UTF8.self) }

extension ReplicaGroup {
    /// The delivered calls and their answers as text, in the order of the answers.
    var transcript: [String] {
        delivered.map { message, answer in
            "\(message.from)>\(message.to) \(message.call.operation.summary): \(answer.summary)"
        }
    }

    /// Runs an anti-entropy session of one node with a peer to its end.
    func compare(_ node: MemberIndex, with peer: MemberIndex, takesAll: Bool = false) -> AntiEntropySession.Outcome? {
        let answer = beginSession(node, with: peer, takesAll: takesAll)
        settle()
        return answer.value
    }

    func beginSession(
        _ node: MemberIndex, with peer: MemberIndex, takesAll: Bool = false
    ) -> Answer<AntiEntropySession.Outcome> {
        let answer = Answer<AntiEntropySession.Outcome>()
        let own = nodes[node]
        let session = AntiEntropySession(
            with: peer, replica: own.replica, calls: own.calls, dependencies: own.dependencies,
            mode: takesAll ? .restore : .compare(isBusy: { false })
        ) { answer.set($0) }
        sessions.append(session)
        session.start()
        return answer
    }

    /// Runs a purge of a key's partition up to a mark, led by one node. Returns the problem, or nil after a success.
    func purge(upTo milliseconds: UInt64, ledBy node: MemberIndex = 0, of key: ItemKey = ReplicaGroup.key) -> String? {
        let answer = beginPurge(upTo: milliseconds, ledBy: node, of: key)
        settle()
        return answer.value ?? "no end"
    }

    func beginPurge(
        upTo milliseconds: UInt64, ledBy node: MemberIndex = 0, of key: ItemKey = ReplicaGroup.key
    ) -> Answer<String?> {
        let answer = Answer<String?>()
        let round = PurgeRound(
            partition: nodes[0].store.partition(of: key), mark: HybridTimestamp(milliseconds: milliseconds),
            calls: nodes[node].calls, timeoutMilliseconds: 2_000
        ) { answer.set($0) }
        round.start()
        return answer
    }

    func mark(_ node: MemberIndex, of key: ItemKey = ReplicaGroup.key) -> PurgeMark {
        nodes[node].store.mark(of: nodes[node].store.partition(of: key))
    }

    /// The value of a key on each node: "-" if absent, "x" for a tombstone.
    func values(of key: ItemKey) -> [String] {
        nodes.map { node in
            guard let item = node.store.item(Self.table.id, key) else { return "-" }
            return item.isTombstone ? "x" : String(decoding: item.value, as: UTF8.self)
        }
    }
}

extension Coordinator.WriteAnswer {
    var version: Version? {
        if case .done(let version) = self { version } else { nil }
    }
}

func members(_ count: Int) -> [MemberIndex] { (0..<count).map { MemberIndex($0) } }
