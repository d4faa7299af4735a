internal import Observability
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#endif

/// Reads the process metrics from the system, at most four times per second however many metrics pages are rendered.
/// Only the event loop may use it.
final class ProcessReader {
    private static let lifetimeNanoseconds: UInt64 = 250_000_000

    private var latest: (reading: ProcessReading, atNanoseconds: UInt64)?

    func reading(nowNanoseconds: UInt64) -> ProcessReading {
        if let latest, nowNanoseconds - latest.atNanoseconds < Self.lifetimeNanoseconds { return latest.reading }
        let reading = ProcessReading.current()
        latest = (reading, nowNanoseconds)
        return reading
    }
}

extension ProcessReading {
    /// Reads the process metrics from a few small files of /proc. All values are absent on systems without /proc.
    static func current() -> ProcessReading {
        var reading = ProcessReading()
        #if os(Linux)
        reading.readStat(bootTimeSeconds: bootTimeSeconds)
        reading.readLimits()
        reading.openFileDescriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))
            .map { Int64($0.count) }
        #endif
        return reading
    }
}

#if os(Linux)
extension ProcessReading {
    private static let bootTimeSeconds: Int64? = {
        let lines = text(of: "/proc/stat")?.split(separator: "\n")
        return lines?.first { $0.hasPrefix("btime ") }.flatMap { Int64($0.dropFirst(6)) }
    }()

    private static let ticksPerSecond = Int64(sysconf(Int32(_SC_CLK_TCK)))
    private static let pageBytes = Int64(sysconf(Int32(_SC_PAGESIZE)))

    /// Reads /proc/self/stat. Its manual page, proc(5), numbers the fields from 1; those after the process name, which
    /// ends at the last parenthesis, begin with number 3.
    private mutating func readStat(bootTimeSeconds: Int64?) {
        guard let stat = Self.text(of: "/proc/self/stat"), let nameEnd = stat.lastIndex(of: ")") else { return }
        let fields = stat[nameEnd...].split(separator: " ").dropFirst().map { Int64($0) }
        func field(_ number: Int) -> Int64? { number - 3 < fields.count ? fields[number - 3] : nil }
        let nanosecondsPerTick = 1_000_000_000 / Self.ticksPerSecond
        if let user = field(14), let system = field(15) {
            cpuNanoseconds = UInt64((user + system) * nanosecondsPerTick)
        }
        threads = field(20)
        if let boot = bootTimeSeconds, let start = field(22) {
            startTimeNanoseconds = boot * 1_000_000_000 + start * nanosecondsPerTick
        }
        virtualMemoryBytes = field(23)
        residentMemoryBytes = field(24).map { $0 * Self.pageBytes }
    }

    private mutating func readLimits() {
        for line in Self.text(of: "/proc/self/limits")?.split(separator: "\n") ?? [] {
            let soft = line.dropFirst(26).split(separator: " ").first.flatMap { Int64($0) }
            if line.hasPrefix("Max open files") { maximumFileDescriptors = soft }
            if line.hasPrefix("Max address space") { maximumVirtualMemoryBytes = soft }
        }
    }

    private static func text(of path: String) -> String? {
        (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) }
    }
}
#endif
