import Foundation

/// A path for a data directory that does not exist yet; removed with its content at the end.
final class TestDirectory: Sendable {
    let path = NSTemporaryDirectory() + "node-" + UUID().uuidString

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
