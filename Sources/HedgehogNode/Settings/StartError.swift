/// The reason why a node cannot start: one sentence with what failed and what to do.
package struct StartError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
