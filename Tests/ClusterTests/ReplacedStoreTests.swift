import Testing

@testable import Cluster

/// An acknowledgement counts once per member, and only while the store that gave it is the member's current store.
@Suite struct ReplacedStoreTests {
    private let group: ReplicaGroup

    init() throws { group = try ReplicaGroup(4, replicas: 3) }

    @Test("[A acknowledges, A's disk is replaced, B acknowledges: one disk holds the write] A's ack does not count")
    func replaced() {
        group.held = { $0.isWrite && $0.to != 0 }
        let answer = group.put("a", at: 3)
        #expect(answer.value == nil)
        // The answer in which B acknowledges the write also reports that A's disk was replaced. The coordinator learns
        // that before it counts B's acknowledgement.
        group.nodes[3].calls.replaced[0] = StoreID(high: 7, low: 7)
        group.held = { $0.isWrite && $0.to == 2 }
        group.settle()
        #expect(group.values == ["a", "a", "-", "-"])
        #expect(answer.value == nil, "only one disk that is not known to be lost holds the write")
        group.release()
        #expect(answer.value?.version != nil)
    }

    @Test("If the third replica does not answer, the quorum is not reached and the outcome is unknown")
    func short() {
        group.held = { $0.isWrite && $0.to != 0 }
        let answer = group.put("a", at: 3)
        group.nodes[3].calls.replaced[0] = StoreID(high: 7, low: 7)
        group.lost = { $0.isWrite && $0.to == 2 ? .timedOut : nil }
        group.release()
        guard case .unavailable(let refused)? = answer.value else { return _ = Issue.record("done") }
        #expect((refused.acks, refused.required, refused.outcome) == (1, 2, .unknown))
    }

    @Test("An acknowledgement by the known new store counts")
    func newStore() {
        group.nodes[3].calls.replaced[0] = StoreID(high: 7, low: 7)
        group.lost = { $0.isWrite && $0.to == 2 ? .timedOut : nil }
        #expect(group.put("a", at: 3).value?.version != nil)
    }

    @Test("A write-back counts acknowledgements only of stores that were not replaced")
    func writeBack() throws {
        let group = try ReplicaGroup(4, replicas: 3, read: 1, write: 3)
        group.plant("new", clock: 2, on: [0])
        group.held = { $0.isWrite && $0.to == 1 }
        let answer = group.get(at: 3)
        #expect(group.values == ["new", "-", "new", "-"])
        group.nodes[3].calls.replaced[2] = StoreID(high: 7, low: 7)
        group.release()
        guard case .unavailable? = answer.value else { return _ = Issue.record("\(String(describing: answer.value))") }
    }
}

/// Tests that the envelopes of messages between members spread the ids of replaced stores.
@Suite struct EnvelopeReplacementTests {
    @Test("Each batch contains the store replacements that its sender knows, and its receiver adopts them")
    func envelopes() throws {
        let group = try MemberGroup.bootstrapped()
        try group.replaceDisk(0)
        group.run(milliseconds: 20_000)
        let before = group.arrived.count
        _ = group.write("a", at: 1)
        let batches = group.arrived.dropFirst(before).filter { $0.lane == .writes }
            .compactMap { try? CallBatch(decoding: $0.bytes) }
        let expected = [Envelope.Replacement(member: 0, storeID: StoreID(high: 9, low: 77))]
        #expect(!batches.isEmpty && batches.allSatisfy { $0.envelope.replacements == expected })
        let roster = try #require(group.member(2).active?.roster)
        #expect(roster.storeID(of: 0) == StoreID(high: 9, low: 77))
    }

    @Test("[A's late ack counts although B's answer said that A's disk was replaced] The late answer is not accepted")
    func late() throws {
        let group = try MemberGroup.bootstrapped()
        let roster = try #require(group.member(2).active?.roster)
        func envelope(_ sender: UInt64, replacements: [Envelope.Replacement] = []) -> Envelope {
            Envelope(
                clusterID: roster.record.clusterID, recordHash: roster.record.hash, sender: "node-\(sender)",
                target: "node-3", storeID: StoreID(high: 9, low: sender - 1),
                bootNonce: group.nodes[Int(sender) - 1].description.bootNonce, replacements: replacements)
        }
        #expect(roster.accepts(envelope(1), from: 0))
        let replaced = Envelope.Replacement(member: 0, storeID: StoreID(high: 9, low: 77))
        #expect(roster.accepts(envelope(2, replacements: [replaced]), from: 1))
        #expect(!roster.accepts(envelope(1), from: 0))
    }

    @Test("A batch of a store or process unknown from gossip, or of a replaced store, is rejected")
    func refused() throws {
        let group = try MemberGroup.bootstrapped()
        try group.replaceDisk(0)
        group.run(milliseconds: 20_000)
        let roster = try #require(group.member(1).active?.roster)
        let nonce = group.nodes[0].description.bootNonce
        for (store, nonce, isRefused) in [
            (77, nonce, false), (77, nonce + 1, true), (0, nonce, true), (99, nonce, true),
        ] as [(UInt64, UInt64, Bool)] {
            let envelope = Envelope(
                clusterID: roster.record.clusterID, recordHash: roster.record.hash, sender: "node-1", target: "node-2",
                storeID: StoreID(high: 9, low: store), bootNonce: nonce)
            var answer: Result<[UInt8], PeerRejection>?
            group.member(1).receive(CallBatch(envelope, calls: []).encoded, over: .writes) { answer = $0 }
            let wasRefused = if case .failure = answer { true } else { false }
            #expect(wasRefused == isRefused, "store \(store), nonce \(nonce)")
        }
    }
}
