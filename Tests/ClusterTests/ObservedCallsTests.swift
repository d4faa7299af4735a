@testable import Cluster
import Testing

/// The calls to other members that a node reports to its observer, with target, result and duration.
@Suite struct ObservedCallsTests {
    @Test("Every get and version call to another member is observed once, with its duration")
    func reads() throws {
        let group = try ReplicaGroup()
        _ = group.put("a")
        group.nodes[0].observer.reads = []
        group.held = { !$0.isWrite && $0.to != 0 }
        let answer = group.get(at: 0)
        group.advance(7)
        group.release()
        #expect(answer.value != nil)
        let reads = group.nodes[0].observer.reads
        #expect(reads.count == 1 || reads.count == 2)
        #expect(reads.allSatisfy { $0.target != 0 && $0.succeeded && $0.nanoseconds >= 7_000_000 })
    }

    @Test("A call without an answer is observed as a failure")
    func failure() throws {
        let group = try ReplicaGroup()
        _ = group.put("a")
        group.nodes[0].observer.reads = []
        group.lost = { !$0.isWrite && $0.to == 1 ? .timedOut : nil }
        _ = group.get(at: 0)
        let reads = group.nodes[0].observer.reads
        #expect(reads.contains { $0.target == 1 && !$0.succeeded })
        #expect(reads.allSatisfy { $0.target != 1 || !$0.succeeded })
    }

    @Test("Neither a local read nor a write is observed as a remote read")
    func own() throws {
        let group = try ReplicaGroup(1)
        _ = group.put("a")
        _ = group.get(at: 0)
        #expect(group.nodes[0].observer.reads.isEmpty)
    }

    @Test("A write is observed once per member with its result and duration, without a duration for a dead member")
    func sends() throws {
        let group = try ReplicaGroup()
        group.dead = [2]
        group.held = { $0.isWrite && $0.to == 1 }
        _ = group.put("a")
        group.advance(5)
        group.release()
        let sent = group.nodes[0].observer.sent
        #expect(sent.first { $0.target == 2 }?.result == .nodeDown)
        #expect(sent.first { $0.target == 2 }?.nanoseconds == nil)
        let taken = try #require(sent.first { $0.target == 1 })
        #expect(taken.result == .success && (taken.nanoseconds ?? 0) >= 5_000_000)
    }

    @Test("A partition is ok with all replicas alive, and unavailable with fewer than the larger quorum", arguments: [
        (3, 2, 2, 3, PartitionState.ok), (3, 2, 2, 2, .underReplicated), (3, 2, 2, 1, .unavailable),
        (3, 1, 3, 2, .unavailable), (3, 3, 2, 2, .unavailable), (5, 3, 3, 3, .underReplicated), (1, 1, 1, 1, .ok),
        (1, 1, 1, 0, .unavailable),
    ])
    func partitionStates(replicas: Int, read: Int, write: Int, alive: Int, state: PartitionState) throws {
        let quorums = try Quorums(replicas: replicas, members: replicas, read: read, write: write)
        #expect(PartitionState(aliveReplicas: alive, of: quorums) == state)
    }
}
