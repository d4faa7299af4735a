internal import Cluster
internal import Observability

/// The attributes of the span of one unit of work for a client request, such as coordinating it or calling a replica.
/// It keeps only the parts of an operation that become attributes, because the item of a write may be large.
struct ClusterWorkAttributes: SpanAttributeSource {
    private enum Work: Sendable {
        case coordinate(CoordinatedWork)
        case call(operation: String, target: MemberIndex)
        case serve(operation: String, sender: NodeID, item: (table: TableState, key: ItemKey)?)
        case writeStore(valueBytes: Int)
        case keepHint(target: MemberIndex)
    }

    private let work: Work
    private let requestID: [UInt8]
    /// The node ids of all members; a member's index in the cluster record is its position here.
    private let members: [NodeID]
    private let showsKeys: Bool

    /// Creates the span attributes for one unit of work; nil for a read from the store, whose span has no attributes.
    init?(_ work: ClusterWork, for cause: RequestTrace, members: [NodeID], showsKeys: Bool) {
        switch work {
        case .coordinate(let work): self.work = .coordinate(work)
        case .call(let operation, let member): self.work = .call(operation: operation.word, target: member)
        case .serve(let operation, let sender):
            self.work = .serve(operation: operation.word, sender: sender, item: operation.item)
        case .readStore: return nil
        case .writeStore(let bytes): self.work = .writeStore(valueBytes: bytes)
        case .keepHint(let target): self.work = .keepHint(target: target)
        }
        requestID = cause.requestID
        self.members = members
        self.showsKeys = showsKeys
    }

    var byteCount: Int {
        switch work {
        case .coordinate(let work): 512 + work.key.bytes.count + requestID.count
        case .serve(_, _, let item): 384 + (item?.key.bytes.count ?? 0) + requestID.count
        case .call, .writeStore, .keepHint: 256 + requestID.count
        }
    }

    func belongs(toRequest requestID: [UInt8]) -> Bool {
        switch work {
        case .call, .serve: self.requestID == requestID
        case .coordinate, .writeStore, .keepHint: false
        }
    }

    func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) {
        switch work {
        case .coordinate(let work): visit(work, body)
        case .call(let operation, let target):
            body("hedgehog.target_node", .text(name(target)))
            body("hedgehog.operation", .text(operation))
            body("hedgehog.request_id", .bytes(requestID))
        case .serve(let operation, let sender, let item):
            body("hedgehog.source_node", .text(sender.description))
            body("hedgehog.operation", .text(operation))
            if let item {
                body("db.system.name", .text("hedgehogdb"))
                body("db.collection.name", .text(item.table.name.description))
                visit(item.key, body)
            }
            body("hedgehog.request_id", .bytes(requestID))
        case .writeStore(let bytes): body("hedgehog.value_bytes", .integer(bytes))
        case .keepHint(let target): body("hedgehog.target_node", .text(name(target)))
        }
    }

    private func visit(_ work: CoordinatedWork, _ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) {
        body("db.system.name", .text("hedgehogdb"))
        body("db.collection.name", .text(work.table.name.description))
        body("db.operation.name", .text(work.kind.rawValue))
        visit(work.key, body)
        body("hedgehog.consistency", .text(work.consistency.rawValue))
        body("hedgehog.replicas", .text(names(work.replicas)))
        body("hedgehog.quorum.required", .integer(work.required))
    }

    private func visit(_ key: ItemKey, _ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) {
        guard showsKeys else { return }
        body("hedgehog.key", .bytes(key.bytes.prefix(ObservabilityLimits.spanKeyBytes)))
    }

    private func names(_ replicas: [MemberIndex]) -> String {
        replicas.count == 1 ? name(replicas[0]) : replicas.map(name).joined(separator: ",")
    }

    private func name(_ member: MemberIndex) -> String {
        member.rawValue < members.count ? members[member].description : ""
    }
}

/// The attribute with the source of an item read: memory, disk or neither.
struct ReadAttributes: SpanAttributeSource {
    let source: ClusterWorkEnd.ReadSource

    var byteCount: Int { 0 }

    func belongs(toRequest requestID: [UInt8]) -> Bool { false }

    func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) {
        body("hedgehog.storage.source", .text(source.rawValue))
    }
}
