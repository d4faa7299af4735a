import Base
import FuzzHarness
import HTTP

private let bodyLimits = [0, 1, 16, 1000, 1 << 20]
private let cutCount = 3

/// Requires that the parser returns the same events however the bytes are cut, and that accepted targets can be split
/// further without a trap.
func checkParser(_ bytes: Span<UInt8>) {
    guard bytes.count > Chance.seedBytes else { return }
    var chance = Chance(from: bytes)
    let request = bytes.extracting(Chance.seedBytes..<bytes.count)
    let bodyLimit = bodyLimits[Int.random(in: 0..<bodyLimits.count, using: &chance)]

    var whole = Transcript(bodyLimit: bodyLimit)
    whole.feed(request)
    whole.checkOrder()
    for cut in 0..<cutCount {
        let longestPiece = cut == 0 ? 1 : Int.random(in: 1...max(2, request.count), using: &chance)
        let pieces = fed(request, inPiecesUpTo: longestPiece, bodyLimit: bodyLimit, &chance)
        require(pieces == whole, "the same bytes in pieces gave another transcript")
    }
    splitTargets(whole)
}

private func fed(
    _ request: Span<UInt8>, inPiecesUpTo longest: Int, bodyLimit: Int, _ chance: inout Chance
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

private func splitTargets(_ transcript: Transcript) {
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
