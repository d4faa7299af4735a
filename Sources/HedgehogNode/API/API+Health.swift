internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer

extension API {
    func handleHealth(_ exchange: Exchange, _ context: RequestContext) {
        switch context.route {
        case .ready: answerReadiness(exchange)
        case .live: exchange.answer(.ok, Array("{\"status\":\"alive\"}\n".utf8))
        case .root: answerRoot(exchange)
        default: exchange.answer(.ok, Array("{\"status\":\"ok\"}\n".utf8))
        }
    }

    private func answerReadiness(_ exchange: Exchange) {
        let checks = node.readinessChecks
        let isReady = checks.allSatisfy { $0.problem == nil }
        let body = JSONWriter.line {
            $0.member("status", isReady ? "ready" : "not ready")
            $0.member("checks") {
                $0.object { for check in checks { $0.member(named: "\(check.name)") { $0.check(check) } } }
            }
            if !isReady {
                $0.member("error", checks.compactMap(\.problem).joined(separator: "; "))
                $0.ids(of: exchange.context.identity)
            }
        }
        exchange.answer(isReady ? .ok : .serviceUnavailable, body)
    }

    private func answerRoot(_ exchange: Exchange) {
        let body = JSONWriter.line {
            $0.member("name", "HedgehogDB")
            $0.member("version", Build.version)
            $0.member("node_id", node.configuration.nodeID.description)
            $0.member("api", "/api/v1/tables")
            $0.member("health", "/readyz")
            $0.member("metrics", "/metrics")
            $0.member("cluster", "/api/v1/cluster/status")
            $0.member("docs", "README.md and docs/ in the source")
        }
        exchange.answer(.ok, body)
    }
}

extension JSONWriter {
    fileprivate mutating func check(_ check: ReadinessCheck) {
        object {
            $0.member("ok", check.problem == nil)
            if let problem = check.problem { $0.member("reason", problem) }
            if let progress = check.progress { $0.progress(progress) }
        }
    }

    /// Writes how many partitions have caught up in the recovery, and of how many, as members of the current JSON
    /// object.
    mutating func progress(_ recovery: ClusterNode.RecoveryStatus) {
        member("whole_partitions", recovery.wholePartitions)
        member("partitions", recovery.partitions)
    }
}
