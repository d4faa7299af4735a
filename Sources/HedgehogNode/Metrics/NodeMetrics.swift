internal import Observability

/// The metric registry of a node, and the metrics of HTTP, the event loop and the store, which exist before the node
/// serves.
struct NodeMetrics {
    let registry: MetricRegistry
    let http: HTTPMetrics
    let loop: EventLoopMetrics
    let storage: StorageMetrics

    init(_ configuration: NodeConfiguration) {
        registry = MetricRegistry(maximumTables: configuration.metricsMaximumTables)
        http = HTTPMetrics(registry: registry, maximumTables: configuration.metricsMaximumTables)
        loop = EventLoopMetrics(registry: registry)
        storage = StorageMetrics(registry: registry)
    }
}
