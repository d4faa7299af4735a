import Foundation

/// A temporary folder for one test. It is removed when this object is released.
final class Scratch {
    let path = NSTemporaryDirectory() + "hedgehog-" + UUID().uuidString

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
