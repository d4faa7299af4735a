internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

extension API {
    func handleMetrics(_ exchange: Exchange) {
        MetricsPage(exchange, node.registry.exposition(), loop: node.loop).renderSlice()
    }
}

/// A page of metrics being encoded, a slice a turn, so that many series do not hold up anybody's request.
private final class MetricsPage {
    private let exchange: Exchange
    private let loop: EventLoop
    private var exposition: Exposition
    private var page: [UInt8] = []

    init(_ exchange: Exchange, _ exposition: Exposition, loop: EventLoop) {
        self.exchange = exchange
        self.exposition = exposition
        self.loop = loop
    }

    func renderSlice() {
        guard exchange.isOpen else { return }
        let isUnfinished = exposition.renderNext(maximumSamples: ObservabilityLimits.samplesPerSlice, into: &page)
        guard !isUnfinished else { return loop.enqueue { self.renderSlice() } }
        exchange.answer(.ok, page, contentType: Exposition.contentType)
    }
}
