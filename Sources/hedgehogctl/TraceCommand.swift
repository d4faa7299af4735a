internal import ArgumentParser
internal import HTTPClient

/// What to look for. Thirty-two hexadecimal digits are taken for a trace's id; all else is a request's.
enum TraceSubject: Equatable, CustomStringConvertible {
    case trace(String)
    case request(String)

    init(_ text: String) {
        let isTrace = text.utf8.count == 32 && text.utf8.allSatisfy("0123456789abcdef".utf8.contains)
        self = isTrace ? .trace(text) : .request(text)
    }

    var description: String {
        switch self {
        case .trace(let id): "trace \(id)"
        case .request(let id): "request \(id)"
        }
    }
}

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Show what one request did on every node, step by step.",
        discussion: """
            ID is what an answer bore as X-Trace-ID or as X-Request-ID. All members are asked for the spans that they \
            keep in memory: the last few thousand each, and only of traces that were recorded. Hints that were \
            delivered later stand below the write that left them.
            """)

    @Argument(help: "A trace id (32 hexadecimal digits), or a request id.") var id: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(id, "id")
    }

    func run() throws {
        try server.run { session in
            let subject = TraceSubject(id)
            let survey = try TraceSurvey(of: subject, session)
            guard !survey.spans.isEmpty else { throw ControlFailure.noSpans(subject, reasons: survey.whyNothing) }
            try session.output.write(session.showsJSON ? survey.json() : Array(survey.text.utf8))
        }
    }
}

extension TraceSurvey {
    /// Asks the node for the members, and all of them for their spans. By a request's id a node may know only some of
    /// its spans, those that bear it; so its traces are asked for in a second round, and replays of hints in a last.
    fileprivate init(of subject: TraceSubject, _ session: Session) throws {
        let members = try NodeList(decodingJSON: try session.answer(to: .clusterNodes).body).nodes
        self.init()
        switch subject {
        case .trace: try ask(members, subject, session)
        case .request(let id):
            try ask(members, subject, session)
            for trace in traces(ofRequest: id).prefix(ControlLimits.traces) {
                try ask(members, .trace(trace), session)
            }
        }
        for trace in linkedTraces.prefix(ControlLimits.traces) { try ask(members, .trace(trace), session) }
    }

    private mutating func ask(_ members: [NodeList.Node], _ subject: TraceSubject, _ session: Session) throws {
        var calls: [(call: Call, address: ServerAddress)] = []
        var names: [String] = []
        for member in members where silent[member.id] == nil {
            guard let address = try? ServerAddress(parsing: "http://\(member.addr)") else {
                note(member.id, silent: "its address is not known")
                continue
            }
            names.append(member.id)
            calls.append((.traces(subject), address))
        }
        for (name, answer) in zip(names, session.answers(to: calls)) {
            switch answer {
            case .success(let response) where response.status == 200: add(try SpanPage(decodingJSON: response.body))
            case .success(let response) where response.status == 400:
                throw ControlFailure.refused(ServerRefusal(status: response.status, body: response.body))
            case .success(let response):
                note(name, silent: ServerRefusal(status: response.status, body: response.body).description)
            case .failure(let error): note(name, silent: "\(error)")
            }
        }
    }
}
