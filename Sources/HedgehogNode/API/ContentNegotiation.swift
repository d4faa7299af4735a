internal import HTTP
internal import Observability

/// In which of our formats a reader wants its page of metrics, by its `Accept`.
struct PageChoice: Equatable {
    let format: PageFormat
    /// Whether the reader named a way of escaping names, and is to be told one.
    let saysEscaping: Bool

    var contentType: StaticString { saysEscaping ? format.escapingContentType : format.contentType }

    /// What everyone gets who asks for nothing in particular, for something else, or in a way we do not understand.
    static let standard = PageChoice(format: .text, saysEscaping: false)

    /// OpenMetrics is given to those who prefer it: by a greater weight, by naming it where the text format is only
    /// covered by a wildcard, or by naming it first.
    init(accepting preferences: [Preference]?) {
        guard let preferences, let openMetrics = Match(.openMetrics, in: preferences), openMetrics.weight > 0 else {
            self = .standard
            return
        }
        if let text = Match(.text, in: preferences), !openMetrics.isPreferred(to: text) {
            self = .standard
        } else {
            self.init(format: .openMetrics, saysEscaping: preferences[openMetrics.place]["escaping"] != nil)
        }
    }

    private init(format: PageFormat, saysEscaping: Bool) {
        self.format = format
        self.saysEscaping = saysEscaping
    }
}

/// The preference that says most about a format, and where in the list it stands.
private struct Match {
    /// 3 for type and version, 2 for the type, 1 and 0 for wildcards.
    let precision: Int
    let weight: Int
    let place: Int

    init?(_ format: PageFormat, in preferences: [Preference]) {
        var best: Match?
        for (place, preference) in preferences.enumerated() {
            guard let precision = preference.precision(for: format) else { continue }
            if let known = best, known.precision >= precision { continue }
            best = Match(precision: precision, weight: preference.weight, place: place)
        }
        guard let best else { return nil }
        self = best
    }

    private init(precision: Int, weight: Int, place: Int) {
        self.precision = precision
        self.weight = weight
        self.place = place
    }

    func isPreferred(to other: Match) -> Bool {
        if weight != other.weight { return weight > other.weight }
        return precision != other.precision ? precision > other.precision : place < other.place
    }
}

extension Preference {
    /// How closely it names the format; nil when it names another one, or another version of it.
    fileprivate func precision(for format: PageFormat) -> Int? {
        switch name {
        case format.type: self["version"].map { $0 == format.version ? 3 : nil } ?? 2
        case format.family: 1
        case "*/*": 0
        default: nil
        }
    }
}

extension PageFormat {
    fileprivate var type: String { self == .text ? "text/plain" : "application/openmetrics-text" }
    fileprivate var family: String { self == .text ? "text/*" : "application/*" }
    fileprivate var version: String { self == .text ? "0.0.4" : "1.0.0" }
}

extension RequestHead {
    /// Whether the client takes a body packed with gzip.
    var acceptsGzip: Bool {
        guard let preferences = preferences(of: .acceptEncoding) else { return false }
        let named = preferences.first { $0.name == "gzip" } ?? preferences.first { $0.name == "*" }
        return (named?.weight ?? 0) > 0
    }

    /// How long a Prometheus waits for its page; nil when it does not say, or nothing sensible.
    var scrapeTimeoutNanoseconds: UInt64? {
        guard case .single(let range) = values(of: .xPrometheusScrapeTimeoutSeconds),
            let seconds = Double(String(decoding: bytes[range], as: UTF8.self)), seconds > 0, seconds < 86_400
        else { return nil }
        return UInt64(seconds * 1e9)
    }
}
