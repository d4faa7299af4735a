// swift-tools-version: 6.2
import PackageDescription

// Floors, lowest first; a target depends only on lower ones. docs/architecture.md says what each is for.

/// `make fuzz` sets FUZZ=1: the modules that judge foreign bytes are then instrumented for libFuzzer.
let isFuzzing = Context.environment["FUZZ"] == "1"
let instrumentation: [SwiftSetting] = isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : []

/// Bytes and values: no C beyond xxHash in Base, no Foundation, no clock, every pointer marked.
let pureSettings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
] + instrumentation

/// The modules that own a C library or a file descriptor.
let edgeSettings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
] + instrumentation

/// Composition, executables and tests.
let compositionSettings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// `scripts/build` says which commit it builds. In C and in a module of its own, so that another commit compiles one
/// line anew.
let revision: [CSetting] = Context.environment["HEDGEHOG_REVISION"].map {
    [.define("HEDGEHOG_REVISION", to: "\"\($0)\"")]
} ?? []

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

func systemLibrary(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

func fuzzer(_ folder: String, checks dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "fuzz-\(folder.lowercased())", dependencies: ["FuzzHarness"] + dependencies,
        path: "Tests/Fuzz/\(folder)", swiftSettings: compositionSettings,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
}

/// A fuzzer's own code is not instrumented, only what it calls; so they stay out of every other build.
let fuzzers: [Target] = isFuzzing ? [
    .target(name: "FuzzDriver", path: "Tests/Fuzz/Driver"),
    .target(
        name: "FuzzHarness", dependencies: ["FuzzDriver"], path: "Tests/Fuzz/Harness",
        swiftSettings: compositionSettings),
    fuzzer("Parser", checks: ["Base", "HTTP"]),
    fuzzer("Percent", checks: ["Base", "HTTP"]),
    fuzzer("Records", checks: ["Base", "Cluster", "Storage"]),
    fuzzer("Wire", checks: ["Base", "Cluster"]),
] : []

let package = Package(
    name: "HedgehogDB",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "hedgehogdb", targets: ["hedgehogdb"]),
        .executable(name: "hedgehogctl", targets: ["hedgehogctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        // C
        systemLibrary("CLibuv", pkgConfig: "libuv", apt: "libuv1-dev", brew: "libuv"),
        systemLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev", brew: "curl"),
        systemLibrary("CRocksDB", pkgConfig: "rocksdb", apt: "librocksdb-dev", brew: "rocksdb"),
        systemLibrary("CXXHash", pkgConfig: "libxxhash", apt: "libxxhash-dev", brew: "xxhash"),
        systemLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
        .target(name: "CRapidJSON"),
        .target(name: "CBuild", cSettings: revision),
        .target(name: "CProcess"),

        // Floor 0
        .target(name: "Base", dependencies: ["CXXHash"], swiftSettings: pureSettings),

        // Floor 1: pure
        .target(name: "HTTP", dependencies: ["Base"], swiftSettings: pureSettings),
        .target(name: "Cluster", dependencies: ["Base", collections], swiftSettings: pureSettings),
        .target(name: "Observability", dependencies: ["Base"], swiftSettings: pureSettings),

        // Floor 2
        .target(name: "Reactor", dependencies: ["Base", "CLibuv", "CProcess"], swiftSettings: edgeSettings),
        .target(name: "Storage", dependencies: ["Base", "Cluster", "CRocksDB"], swiftSettings: edgeSettings),

        // Floor 3
        .target(
            name: "HTTPServer", dependencies: ["Base", "HTTP", "Reactor"], swiftSettings: edgeSettings),
        .target(name: "HTTPClient", dependencies: ["Base", "Reactor", "CCurl"], swiftSettings: edgeSettings),

        // Floor 4
        .target(
            name: "HedgehogNode",
            dependencies: [
                "Base", "HTTP", "Cluster", "Observability", "Reactor", "Storage", "HTTPServer", "HTTPClient",
                "CBuild", "CRapidJSON", "CZlib",
            ],
            swiftSettings: compositionSettings),

        // Floor 5
        .executableTarget(
            name: "hedgehogdb", dependencies: ["HedgehogNode", "Reactor", argumentParser],
            swiftSettings: compositionSettings),
        .executableTarget(
            name: "hedgehogctl", dependencies: ["Base", "HTTP", "HTTPClient", "Reactor", argumentParser],
            swiftSettings: compositionSettings),

        // The baseline of `make load`: a libuv server without a database
        .executableTarget(name: "bare-server", dependencies: ["CLibuv"], path: "Tests/Benchmarks/BareServer"),

        // The benchmark of `make bench-metrics`: the cost of counting a request
        .target(name: "AllocationCount", path: "Tests/Benchmarks/AllocationCount"),
        .executableTarget(
            name: "bench-metrics", dependencies: ["AllocationCount", "Observability"], path: "Tests/Benchmarks/Metrics",
            swiftSettings: compositionSettings),

        // The cluster's code under simulated faults, and the judge of what clients saw
        .target(name: "HistoryChecker", path: "Tests/Simulation/HistoryChecker", swiftSettings: pureSettings),

        .target(
            name: "Simulation", dependencies: ["Base", "Cluster", "HistoryChecker"],
            path: "Tests/Simulation/World", swiftSettings: pureSettings),
        .executableTarget(
            name: "simulate", dependencies: ["Cluster", "Simulation", argumentParser],
            path: "Tests/Simulation/Simulate", swiftSettings: compositionSettings),
        .executableTarget(
            name: "check-history", dependencies: ["HistoryChecker", argumentParser],
            path: "Tests/Simulation/CheckHistory", swiftSettings: compositionSettings),

        // Tests mirror the sources
        .testTarget(name: "BaseTests", dependencies: ["Base"], swiftSettings: compositionSettings),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP"], swiftSettings: compositionSettings),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster"], swiftSettings: compositionSettings),
        .testTarget(name: "ObservabilityTests", dependencies: ["Observability"], swiftSettings: compositionSettings),
        .testTarget(name: "ReactorTests", dependencies: ["Reactor"], swiftSettings: compositionSettings),
        .testTarget(name: "StorageTests", dependencies: ["Storage"], swiftSettings: compositionSettings),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer"], swiftSettings: compositionSettings),
        .testTarget(
            name: "HTTPClientTests", dependencies: ["HTTPClient", "Reactor"], swiftSettings: compositionSettings),
        .testTarget(
            name: "HedgehogctlTests", dependencies: ["hedgehogctl", argumentParser],
            swiftSettings: compositionSettings),
        .testTarget(
            name: "HedgehogNodeTests", dependencies: ["HedgehogNode", "CZlib"], swiftSettings: compositionSettings),
        .testTarget(
            name: "HistoryCheckerTests", dependencies: ["HistoryChecker", "check-history"],
            swiftSettings: compositionSettings),
        .testTarget(
            name: "SimulationTests", dependencies: ["Cluster", "Simulation"], swiftSettings: compositionSettings),
    ] + fuzzers,
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
