import Base
import FuzzHarness
import HTTP

private let bodyLimits = [0, 1, 16, 1000, 1 << 20]
private let splitCount = 3

/// Checks that the parser gives the same events however the bytes are split, and that the targets of the requests it
/// accepts can be split into path and query without a crash.
func checkParser(_ bytes: Span<UInt8>) {
    guard bytes.count > Chance.seedBytes else { return }
    var chance = Chance(from: bytes)
    let request = bytes.extracting(Chance.seedBytes..<bytes.count)
    let bodyLimit = bodyLimits[Int.random(in: 0..<bodyLimits.count, using: &chance)]

    var unsplit = Transcript(bodyLimit: bodyLimit)
    unsplit.feed(request)
    unsplit.checkOrder()
    for split in 0..<splitCount {
        let longestPiece = split == 0 ? 1 : Int.random(in: 1...max(2, request.count), using: &chance)
        let pieces = transcript(of: request, inPiecesUpTo: longestPiece, bodyLimit: bodyLimit, &chance)
        require(pieces == unsplit, "the same bytes in pieces gave another transcript")
    }
    splitTargets(of: unsplit)
}

private func transcript(
    of request: Span<UInt8>, inPiecesUpTo longest: Int, bodyLimit: Int, _ chance: inout Chance
) -> Transcript {
    var transcript = Transcript(bodyLimit: bodyLimit)
    var start = 0
    while start < request.count {
        let end = min(request.count, start + Int.random(in: 1...longest, using: &chance))
        transcript.feed(request.extracting(start..<end))
        start = end
    }
    return transcript
}

private func splitTargets(of transcript: Transcript) {
    for case .head(_, let target, _, _, _) in transcript.entries {
        let end = target.firstIndex(of: UInt8(ascii: "?")) ?? target.count
        if let segments = PathSegments(of: 0..<end, in: target) {
            for index in 0..<min(segments.count, PathSegments.capacity) {
                _ = try? percentDecode(target.span.extracting(segments[index]))
            }
        }
        if end < target.count { _ = try? Query((end + 1)..<target.count, in: target) }
    }
}
