import Base
import FuzzHarness

@testable import Cluster

/// Whatever another node sends, decoding answers with a message or a refusal and never traps; and what decodes is
/// written back as the very bytes it came from, so there is one encoding of every message.
func checkWire(_ bytes: Span<UInt8>) {
    checkMessage(Array(copying: bytes))
    guard bytes.count > 0, let kind = WireKind(rawValue: bytes[0] % 3 + 1) else { return }
    // No mutation would get past the checksum: the rest is a body, in a frame that is right.
    let body = bytes.extracting(1..<bytes.count)
    checkMessage(WireFormat.message(kind, reserving: body.count) { $0.append(body) })
}

private func checkMessage(_ message: [UInt8]) {
    if let batch = try? CallBatch(decoding: message) {
        require(batch.encoded == message, "a batch of calls has two encodings")
        for call in batch.calls { checkWeight(of: call, in: batch.envelope) }
    }
    if let batch = try? AnswerBatch(decoding: message) {
        require(batch.encoded == message, "a batch of answers has two encodings")
    }
    if let gossip = try? GossipMessage(decoding: message) {
        require(gossip.encoded == message, "a gossip message has two encodings")
    }
}

private func checkWeight(of call: PeerCall, in envelope: Envelope) {
    let alone = CallBatch(envelope, calls: [call]).encoded.count - CallBatch(envelope, calls: []).encoded.count
    require(alone <= call.weightBytes, "a call takes more of a message than it weighs")
}
