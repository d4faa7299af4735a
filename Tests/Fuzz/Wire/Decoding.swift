import Base
import FuzzHarness

@testable import Cluster

/// Checks that decoding any bytes from another node gives a message or an error and never crashes, and that a decoded
/// message is encoded as the same bytes, so that every message has one encoding.
func checkWire(_ bytes: Span<UInt8>) {
    checkMessage(Array(copying: bytes))
    guard bytes.count > 0, let kind = WireKind(rawValue: bytes[0] % 3 + 1) else { return }
    // Wraps the fuzz input in a valid frame: its first byte selects the kind of message, and the rest is the body. Few
    // random mutations of a complete message would pass its checksum.
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
    require(alone <= call.weightBytes, "an encoded call is longer than its weight")
}
