import Foundation

/// A path for a node's data, where nothing is yet; removed with everything in it at the end.
final class TestDirectory: Sendable {
    let path = NSTemporaryDirectory() + "node-" + UUID().uuidString

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
