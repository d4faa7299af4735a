/// A record of an event of the node, in contrast to a request, for the log.
package struct EventRecord: Sendable {
    /// The wall-clock time of the event, in nanoseconds since 1970.
    package var wallNanoseconds: UInt64
    package var level: LogLevel
    package var message: String
    package var fields: [LogField]

    package init(wallNanoseconds: UInt64, level: LogLevel, message: String, fields: [LogField] = []) {
        precondition(fields.count <= ObservabilityLimits.logFields, "a log line has too many fields: \(fields.count)")
        self.wallNanoseconds = wallNanoseconds
        self.level = level
        self.message = message
        self.fields = fields
    }
}
