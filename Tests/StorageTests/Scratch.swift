import Foundation

/// A folder for one test, gone with whoever holds it.
final class Scratch {
    let path = NSTemporaryDirectory() + "hedgehog-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
