/// The values of the `process_` metrics, read by the caller. A value that could not be read is nil and is left out of
/// the metrics page.
package struct ProcessReading: Sendable {
    package var cpuNanoseconds: UInt64?
    package var openFileDescriptors: Int64?
    package var maximumFileDescriptors: Int64?
    package var virtualMemoryBytes: Int64?
    package var maximumVirtualMemoryBytes: Int64?
    package var residentMemoryBytes: Int64?
    package var startTimeNanoseconds: Int64?
    package var threads: Int64?

    package init() {}
}

extension MetricSamples {
    package mutating func process(_ reading: ProcessReading) {
        if let cpu = reading.cpuNanoseconds { counter(.processCPU, value: cpu) }
        let gauges: [(MetricFamily, Int64?)] = [
            (.processOpenFDs, reading.openFileDescriptors),
            (.processMaxFDs, reading.maximumFileDescriptors),
            (.processVirtualMemory, reading.virtualMemoryBytes),
            (.processVirtualMemoryMax, reading.maximumVirtualMemoryBytes),
            (.processResidentMemory, reading.residentMemoryBytes),
            (.processStartTime, reading.startTimeNanoseconds),
            (.processThreads, reading.threads),
        ]
        for case (let family, let value?) in gauges { gauge(family, value: value) }
    }
}
