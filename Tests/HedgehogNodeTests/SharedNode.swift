import Testing

/// Shares one node among all tests of a suite. Each test uses its own tables.
struct SharedNode: SuiteTrait, TestScoping {
    @TaskLocal fileprivate static var current: TestNode?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let node = try TestNode()
        try await Self.$current.withValue(node) { try await function() }
        node.stop()
    }
}

extension Trait where Self == SharedNode {
    static var sharedNode: SharedNode { SharedNode() }
}

extension TestNode {
    static var shared: TestNode {
        guard let node = SharedNode.current else { preconditionFailure("the suite lacks the trait .sharedNode") }
        return node
    }
}
