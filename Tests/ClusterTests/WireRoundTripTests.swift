import Base
import Testing

@testable import Cluster

@Suite struct WireRoundTripTests {
    @Test("Every call comes back as it was sent", arguments: WireSamples.calls.indices)
    func call(index: Int) throws {
        let batch = CallBatch(WireSamples.envelope, calls: [WireSamples.calls[index]])
        #expect(try CallBatch(decoding: batch.encoded) == batch)
    }

    @Test("Every answer comes back as it was sent", arguments: WireSamples.answers.indices)
    func answer(index: Int) throws {
        let batch = AnswerBatch(WireSamples.envelope, answers: [WireSamples.answers[index]])
        #expect(try AnswerBatch(decoding: batch.encoded) == batch)
    }

    @Test("Calls and answers keep their order in a batch, and tables are told apart by their whole state")
    func batches() throws {
        let calls = CallBatch(WireSamples.envelope, calls: WireSamples.calls + WireSamples.calls.reversed())
        #expect(try CallBatch(decoding: calls.encoded) == calls)
        let answers = AnswerBatch(WireSamples.envelope, answers: WireSamples.answers + WireSamples.answers.reversed())
        #expect(try AnswerBatch(decoding: answers.encoded) == answers)
    }

    @Test("Batches of nothing are batches")
    func empty() throws {
        let calls = CallBatch(WireSamples.envelope, calls: [])
        #expect(try CallBatch(decoding: calls.encoded) == calls)
        let answers = AnswerBatch(WireSamples.envelope, answers: [])
        #expect(try AnswerBatch(decoding: answers.encoded) == answers)
    }

    @Test("A batch holds 1024 calls of as many tables")
    func fullBatch() throws {
        let calls = (0..<WireLimits.callsPerBatch).map { number in
            PeerCall(
                .version(WireSamples.table("t\(number)"), WireSamples.key("k")), remainingMilliseconds: 1,
                trace: .none)
        }
        let batch = CallBatch(WireSamples.envelope, calls: calls)
        #expect(try CallBatch(decoding: batch.encoded) == batch)
    }

    @Test("Every gossip message comes back as it was sent", arguments: WireSamples.gossips.indices)
    func gossip(index: Int) throws {
        let message = WireSamples.gossips[index]
        #expect(try GossipMessage(decoding: message.encoded) == message)
    }

    @Test("Of a catalog larger than the bound the first states are sent")
    func largeCatalog() throws {
        let states = (0...WireLimits.tablesInGossip).map { WireSamples.table("t\($0)") }
        let decoded = try GossipMessage(decoding: WireSamples.gossip(catalog: states).encoded)
        #expect(decoded.catalog == states.dropLast())
    }

    @Test("A table that many calls name is written once, and a small put costs 60 bytes beside key and value")
    func cost() {
        let put = PeerCall(
            .put(WireSamples.users, WireSamples.key("user:1"), WireSamples.item), remainingMilliseconds: 2000,
            trace: WireSamples.trace)
        let one = CallBatch(WireSamples.envelope, calls: [put]).encoded.count
        let two = CallBatch(WireSamples.envelope, calls: [put, put]).encoded.count
        let own = WireSamples.trace.requestID.count + "user:1".utf8.count + WireSamples.item.value.count
        #expect(two - one - own == 56)
    }

    @Test("What queues are bounded by is never less than what a call or an answer takes of a message")
    func weight() {
        let empty = CallBatch(WireSamples.envelope, calls: []).encoded.count
        for call in WireSamples.calls {
            let bytes = CallBatch(WireSamples.envelope, calls: [call]).encoded.count - empty
            #expect((bytes...(bytes + 128)).contains(call.weightBytes), "\(call.operation)")
        }
        for answer in WireSamples.answers {
            let bytes = AnswerBatch(WireSamples.envelope, answers: [answer]).encoded.count - empty
            #expect((bytes...(bytes + WireLimits.reasonBytes)).contains(answer.weightBytes), "\(answer)")
        }
    }

    @Test("A reason too long for a message is cut between two characters")
    func longReason() throws {
        let reason = "x" + String(repeating: "ü", count: WireLimits.reasonBytes)
        let batch = AnswerBatch(WireSamples.envelope, answers: [.failed(reason), .stored])
        let cut = "x" + String(repeating: "ü", count: WireLimits.reasonBytes / 2 - 1)
        #expect(try AnswerBatch(decoding: batch.encoded).answers == [.failed(cut), .stored])
    }

    @Test("Answers that outgrow a message go as overloaded; the others arrive")
    func overweight() throws {
        let fitting = WireLimits.messageBytes / WireSamples.large.value.count - 1
        let answers = [PeerAnswer](repeating: .item(WireSamples.large), count: fitting + 3) + [.stored, .item(nil)]
        let decoded = try AnswerBatch(
            decoding: AnswerBatch(WireSamples.envelope, answers: answers).encoded).answers
        #expect(decoded.prefix(fitting).allSatisfy { $0 == .item(WireSamples.large) })
        #expect(decoded.dropFirst(fitting) == [.overloaded, .overloaded, .overloaded, .stored, .item(nil)])
    }

    @Test("A page with more entries than any node accepts goes as overloaded")
    func overfullPage() throws {
        let entry = Page.Entry(key: WireSamples.key("k"), item: WireSamples.keyOnly)
        let page = Page(entries: [Page.Entry](repeating: entry, count: WireLimits.pageEntries + 1), next: nil)
        let batch = AnswerBatch(WireSamples.envelope, answers: [.page(page)])
        #expect(try AnswerBatch(decoding: batch.encoded).answers == [.overloaded])
    }

    @Test("Records have one hash each")
    func recordHash() {
        #expect(WireSamples.record().hash == xxh3(WireSamples.record().encoded))
        #expect(WireSamples.record().hash != WireSamples.record(members: 4).hash)
    }
}
