internal import Base
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

extension API {
    func handleMetrics(_ exchange: Exchange) throws(Failure) {
        guard scrapes.begin() else { throw .tooManyScrapes }
        MetricsPage(exchange, node, scrapes).renderSlice()
    }
}

/// A page of metrics being encoded, a slice a turn, so that many series do not hold up anybody's request, and packed by
/// a worker. It is whole before the first byte of its answer leaves, so that none is ever cut short.
private final class MetricsPage {
    private let exchange: Exchange
    private let node: NodeServices
    private let scrapes: ScrapeMetrics
    private let choice: PageChoice
    private let began: UInt64
    private let timeoutNanoseconds: UInt64
    private var exposition: Exposition
    private var page: [UInt8] = []

    init(_ exchange: Exchange, _ node: NodeServices, _ scrapes: ScrapeMetrics) {
        self.exchange = exchange
        self.node = node
        self.scrapes = scrapes
        began = EventLoop.monotonicNanoseconds()
        choice = PageChoice(accepting: exchange.head.preferences(of: .accept))
        timeoutNanoseconds = exchange.head.scrapeTimeoutNanoseconds ?? .max
        exposition = node.registry.exposition(as: choice.format)
    }

    func renderSlice() {
        guard isWanted else { return }
        let isUnfinished = exposition.renderNext(maximumSamples: ObservabilityLimits.samplesPerSlice, into: &page)
        guard !isUnfinished else { return node.loop.enqueue { self.renderSlice() } }
        guard exchange.head.acceptsGzip, page.count >= ObservabilityLimits.unpackedPageBytes else {
            return answer(page, isPacked: false)
        }
        pack()
    }

    private func pack() {
        do {
            try node.workers.offload({ [page] in Gzip.compress(page) }) { [self] packed in
                if isWanted { answer(packed, isPacked: true) }
            }
        } catch {
            // The workers have too much to do; the page is whole without them.
            answer(page, isPacked: false)
        }
    }

    /// Answers in place of the page when its reader has given up by its own account.
    private var isWanted: Bool {
        guard exchange.isOpen else {
            scrapes.end(nil, nanoseconds: 0)
            return false
        }
        guard elapsed > timeoutNanoseconds else { return true }
        scrapes.end(.unavailable, nanoseconds: elapsed)
        exchange.fail(.scrapeTooLate)
        return false
    }

    private var elapsed: UInt64 { EventLoop.monotonicNanoseconds() - began }

    private func answer(_ body: [UInt8], isPacked: Bool) {
        scrapes.end(.page, nanoseconds: elapsed)
        exchange.answer(.ok, body, contentType: choice.contentType) { fields in
            if isPacked { fields.append("Content-Encoding: gzip\r\n") }
            fields.append("Vary: Accept, Accept-Encoding\r\n")
        }
    }
}

extension Failure {
    fileprivate static var tooManyScrapes: Failure {
        var failure = Failure(
            .serviceUnavailable,
            "\(ObservabilityLimits.scrapesInFlight) pages of metrics are being made; ask again when one is done")
        failure.retryAfterSeconds = 1
        return failure
    }

    fileprivate static let scrapeTooLate = Failure(
        .serviceUnavailable, "the page was not done within X-Prometheus-Scrape-Timeout-Seconds; raise scrape_timeout")
}
