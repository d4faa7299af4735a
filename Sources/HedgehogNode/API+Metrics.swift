internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

extension API {
    /// The page is encoded a slice a turn, so that many series do not hold up anybody's request.
    func handleMetrics(_ exchange: Exchange) {
        renderSlice(of: node.registry.exposition(), after: [], exchange)
    }

    private func renderSlice(of exposition: Exposition, after page: [UInt8], _ exchange: Exchange) {
        guard exchange.isOpen else { return }
        var exposition = exposition
        var page = page
        let isUnfinished = exposition.renderNext(maximumSamples: ObservabilityLimits.samplesPerSlice, into: &page)
        guard !isUnfinished else {
            return node.loop.enqueue { [self] in renderSlice(of: exposition, after: page, exchange) }
        }
        exchange.answer(.ok, page, contentType: Exposition.contentType)
    }
}
