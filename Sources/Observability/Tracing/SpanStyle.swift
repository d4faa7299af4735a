/// How spans look, which changes nothing of what is recorded.
package struct SpanStyle: Equatable, Sendable {
    /// A request's span is `{method} {route}`, as the semantic conventions want it, and not `http.request`.
    package var usesConventionNames = false
    /// Keys of items are shown.
    package var showsKeys = true
    /// Requests for health and metrics have spans too.
    package var showsProbes = false

    package init() {}
}
