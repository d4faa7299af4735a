@testable import Cluster
import Testing

@Suite struct FormingTests {
    @Test("A lone node forms a cluster of one, and is the same after a restart")
    func lone() throws {
        let group = MemberGroup()
        group.add(MemberGroup.settings("node-1", expect: 1), store: 1)
        try group.startAll()
        group.run(milliseconds: 100)
        let record = try #require(group.records[0])
        #expect(record.quorums.replicas == 1)
        try group.start(group.nodes[0])
        #expect(group.records[0] == record)
    }

    @Test("Three nodes form one cluster in whatever order they start", arguments: 0..<6)
    func order(permutation: Int) throws {
        let group = MemberGroup()
        group.addCluster(3)
        var left = [0, 1, 2]
        let order = [left.remove(at: permutation / 2), left.remove(at: permutation % 2), left[0]]
        for index in order {
            #expect(group.records.allSatisfy { $0 == nil })
            try group.start(group.nodes[index])
            group.run(milliseconds: 3_000)
        }
        #expect(Set(group.records.map { $0?.hash }).count == 1)
        #expect(group.records[0]?.members.map(\.nodeID) == ["node-1", "node-2", "node-3"])
    }

    @Test("A proposer that dies after its own acceptance was heard is not needed to finish")
    func proposerDies() throws {
        let group = MemberGroup()
        group.addCluster(3)
        try group.startAll()
        var rounds = 0
        while group.nodes[1].store.clusterRecord == nil || group.nodes[2].store.clusterRecord == nil, rounds < 50 {
            group.run(milliseconds: 100)
            rounds += 1
        }
        group.nodes[0].isUp = false
        group.run(milliseconds: 5_000)
        #expect(group.records[1] != nil)
        #expect(group.records[1] == group.records[2])
    }

    @Test("A node told other quorums does not accept, and says both values; the others serve nothing")
    func contradiction() throws {
        let group = MemberGroup()
        group.addCluster(3)
        group.nodes[2].contradiction = { $0.quorums.read == 3 ? nil : "--read-quorum 3 was given, and 2 is recorded" }
        try group.startAll()
        group.run(milliseconds: 10_000)
        #expect(group.records == [nil, nil, nil])
        let problem = group.nodes[2].member?.bootstrapProblems.first ?? ""
        #expect(problem == "--read-quorum 3 was given, and 2 is recorded")
        #expect(group.nodes[0].member?.bootstrapProblems.first == "waiting until node-3 accept the cluster's record")
    }

    @Test("[Two halves that freeze different lists] Neither half forms a cluster of its own, and both form one later")
    func halves() throws {
        let group = MemberGroup()
        group.addCluster(4)
        try group.startAll()
        let half = { (address: String) in address == "node-1" || address == "node-2" }
        group.loses = { half($0) != half($1) }
        group.run(milliseconds: 20_000)
        #expect(group.records == [nil, nil, nil, nil])
        group.loses = { _, _ in false }
        group.run(milliseconds: 20_000)
        #expect(Set(group.records.map { $0?.hash }).count == 1 && group.records[0] != nil)
    }

    @Test("[A lone node that acks with one copy and is joined later] It is one for good, and says so to who would join")
    func loneIsNotJoined() throws {
        let group = MemberGroup()
        group.add(MemberGroup.settings("node-1", expect: 1), store: 1)
        try group.startAll()
        group.run(milliseconds: 1_000)
        let record = try #require(group.records[0])
        let late = group.add(MemberGroup.settings("node-2", expect: 2, seeds: ["node-1"]), store: 2)
        try group.start(late)
        group.run(milliseconds: 10_000)
        #expect(group.records == [record, nil])
        let problems = late.member?.bootstrapProblems.joined(separator: "\n") ?? ""
        #expect(problems.contains("has the members node-1; node-2 is not one of them"))
    }

    @Test("More nodes than expected form nothing")
    func tooMany() throws {
        let group = MemberGroup()
        for id in 1...4 {
            let seeds = (1...4).filter { $0 != id }.map { "node-\($0)" }
            group.add(MemberGroup.settings("node-\(id)", expect: 3, seeds: seeds), store: UInt64(id))
        }
        try group.startAll()
        group.run(milliseconds: 10_000)
        let records = group.records.compactMap(\.self)
        #expect(Set(records.map(\.hash)).count <= 1)
        let problems = group.nodes.compactMap { $0.member?.bootstrapProblems.first }
        #expect(problems.contains { $0.contains("than --bootstrap-expect 3") || $0.contains("is not one of them") })
    }

    @Test("Of two processes with one id the second is told who has it")
    func oneIDTwice() throws {
        let group = MemberGroup()
        group.addCluster(3)
        try group.startAll()
        group.run(milliseconds: 5_000)
        let twin = group.add(
            MemberGroup.settings("node-2", expect: 3, seeds: ["node-1", "node-2"]), store: 77, address: "elsewhere")
        try group.start(twin)
        group.run(milliseconds: 3_000)
        #expect(twin.member?.record == nil)
        let problems = twin.member?.bootstrapProblems.joined(separator: "\n") ?? ""
        #expect(problems.contains("the id node-2 is in use at node-2; the node at elsewhere needs a --node-id"))
    }

    @Test("A stranger is told whom the cluster consists of, a seed that is down is named")
    func stranger() throws {
        let group = MemberGroup()
        group.addCluster(3)
        try group.startAll()
        group.run(milliseconds: 5_000)
        let stranger = group.add(
            MemberGroup.settings("node-9", expect: 3, seeds: ["node-1", "nowhere"]), store: 9)
        try group.start(stranger)
        group.run(milliseconds: 2_000)
        let problems = stranger.member?.bootstrapProblems.joined(separator: "\n") ?? ""
        #expect(problems.contains("has the members node-1, node-2, node-3; node-9 is not one of them"))
        #expect(problems.contains("the seed at nowhere: connection refused"))
        #expect(stranger.member?.record == nil)
    }

    @Test("A member back on an empty disk learns the record, and is recovering: it stores and does not vote")
    func emptyDisk() throws {
        let group = MemberGroup()
        group.addCluster(3)
        try group.startAll()
        group.run(milliseconds: 5_000)
        group.nodes[2].isUp = false
        group.run(milliseconds: 12_000)
        let seeds = ["node-1", "node-2"]
        let reborn = group.add(MemberGroup.settings("node-3", expect: 3, seeds: seeds), store: 55)
        try group.start(reborn)
        group.run(milliseconds: 3_000)
        #expect(reborn.member?.record == group.records[0])
        #expect(reborn.member?.isRecovering == true)
        #expect(group.nodes[0].member?.members.map(\.isRecovering) == [false, false, true])
        let answer = group.put("a", at: 0, ReplicaGroup.table)
        guard case .done = answer.value else { return _ = Issue.record("not done") }
        #expect(reborn.store.committed.map(\.item.value) == [Array("a".utf8)])
    }

    @Test("An accepted record that is abandoned is forgotten on the disk too")
    func abandon() throws {
        let group = MemberGroup()
        group.addCluster(2)
        try group.startAll()
        group.nodes[1].contradiction = { _ in "no" }
        try group.start(group.nodes[1])
        group.run(milliseconds: 5_000)
        #expect(group.nodes[0].store.clusterRecord?.isEmpty == false)
        group.loses = { _, _ in true }
        var refusals: [AbortBootstrapRefusal?] = []
        group.nodes[0].member?.abortBootstrap { refusals.append($0) }
        #expect(refusals == [], "durable first")
        group.settle()
        #expect(refusals == [nil])
        #expect(group.nodes[0].store.clusterRecord == [])
        group.nodes[1].member?.abortBootstrap { refusals.append($0) }
        #expect(refusals == [nil, .nothingAccepted])
    }

    @Test("What one node abandoned it does not take again from another, and the rest is told what to do")
    func abandonedElsewhere() throws {
        let group = MemberGroup()
        group.addCluster(3)
        group.nodes[2].contradiction = { _ in "no" }
        try group.startAll()
        group.run(milliseconds: 5_000)
        group.nodes[1].member?.abortBootstrap { #expect($0 == nil) }
        group.run(milliseconds: 5_000)
        #expect(group.nodes[1].store.clusterRecord == [])
        #expect(group.nodes[1].member?.bootstrapProblems.first?.contains("aborted") == true)
        group.nodes[2].contradiction = { _ in nil }
        try group.start(group.nodes[2])
        group.run(milliseconds: 1_000)
        for index in [0, 2] { group.nodes[index].member?.abortBootstrap { _ in } }
        group.run(milliseconds: 10_000)
        #expect(group.records.compactMap { $0?.hash }.count == 3)
        #expect(Set(group.records.map { $0?.hash }).count == 1)
    }

    @Test("A node that was frozen for long does not hold the others for dead")
    func ownPause() throws {
        let group = MemberGroup()
        group.addCluster(3)
        try group.startAll()
        group.run(milliseconds: 5_000)
        let frozen = group.nodes[0]
        frozen.clock.monotonicMilliseconds += 60_000
        frozen.member?.tick()
        #expect(frozen.member?.members.map(\.state) == [.alive, .alive, .alive])
    }

    @Test("With gossip cut in any way there is one record or none, and one after the cut heals", arguments: 0..<60)
    func cuts(seed: UInt64) throws {
        let group = MemberGroup()
        group.addCluster(3 + Int(seed % 3))
        var random = SplitMix(state: seed)
        try group.startAll()
        for _ in 0..<10 {
            let salt = random.next()
            group.loses = { from, to in
                SplitMix.mix(salt ^ UInt64(from.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
                    ^ UInt64(to.utf8.reduce(7) { $0 &* 37 &+ UInt64($1) })) % 2 == 0
            }
            if random.next() % 4 == 0 { try group.start(group.nodes[Int(random.next() % UInt64(group.nodes.count))]) }
            group.run(milliseconds: 1_000)
            #expect(Set(group.records.compactMap { $0?.hash }).count <= 1)
        }
        group.loses = { _, _ in false }
        group.run(milliseconds: 30_000, step: 500)
        #expect(Set(group.records.map { $0?.hash }).count == 1)
        #expect(group.records[0] != nil)
    }
}
