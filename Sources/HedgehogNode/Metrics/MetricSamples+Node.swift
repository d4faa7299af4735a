internal import Cluster
internal import HTTPClient
internal import HTTPServer
internal import Observability
internal import Reactor
internal import Storage

// Samples for the metrics page that are read from the parts of the node, such as the store and the HTTP server, each
// time a page is rendered.
extension MetricSamples {
    mutating func node(_ configuration: NodeConfiguration) {
        gauge(.nodeInfo, configuration.nodeID.description, Build.version, value: 1)
        gauge(
            .buildInfo, Build.version, Build.revision, Build.swiftVersion, EventLoop.libraryVersion,
            Client.libraryVersion, value: 1)
    }

    mutating func server(_ counters: ServerCounters) {
        gauge(.httpConnections, "open", value: Int64(counters.openConnections))
        counter(.httpConnectionsAccepted, value: counters.acceptedConnections)
        counter(.httpConnectionsRefused, value: counters.refusedConnections)
        gauge(.httpRequestsInFlight, value: Int64(counters.requestsInFlight))
        gauge(.httpHeldBodyBytes, value: Int64(counters.heldBodyBytes))
        counter(.httpAcceptFailures, value: counters.acceptFailures)
        counter(.httpIdleTimeouts, value: counters.idleTimeouts)
        counter(.httpWriteStalls, value: counters.writeStalls)
        counter(.httpExchangesCut, value: counters.cutExchanges)
    }

    mutating func members(_ services: NodeServices) {
        let members = services.member.members
        gauge(.coordinatorRunning, value: Int64(services.member.operationsRunning))
        gauge(.peerWaitingBytes, value: Int64(services.member.waitingBytes))
        gauge(.peerBytesInFlight, value: Int64(services.transport.bytesInFlight))
        for state in ["alive", "suspect", "dead", "recovering"] { gauge(.clusterMembers, state, value: 0) }
        for member in members {
            gauge(.clusterMembers, member.word, value: 1)
            guard !member.isSelf else { continue }
            gauge(.clusterNodeUp, member.nodeID.description, value: member.state == .alive ? 1 : 0)
            if let offset = member.clockOffsetMilliseconds {
                gauge(.peerClockOffset, member.nodeID.description, value: offset * 1_000_000)
            }
        }
        gauge(.ready, value: services.readinessChecks.allSatisfy { $0.problem == nil } ? 1 : 0)
        let partitions = services.member.partitionStates
        for state in PartitionState.allCases {
            gauge(.partitions, state.rawValue, value: Int64(partitions[state] ?? 0))
        }
        traffic(members, services.transport)
        hints(services.member)
        repair(services.member)
    }

    private mutating func traffic(_ members: [MemberStatus], _ transport: HTTPPeerTransport) {
        for member in members where !member.isSelf {
            let traffic = member.address.flatMap { transport.traffic[$0] } ?? HTTPPeerTransport.Traffic()
            counter(.peerSentBytes, member.nodeID.description, value: traffic.sentBytes)
            counter(.peerReceivedBytes, member.nodeID.description, value: traffic.receivedBytes)
        }
    }

    mutating func store(_ services: NodeServices) {
        let gauges = services.store.gauges
        gauge(.storageWritable, value: services.store.state == .writable ? 1 : 0)
        counter(.storageReopens, value: gauges.reopens)
        gauge(.storageCommitQueueBytes, value: Int64(gauges.queuedBytes))
        gauge(.diskFreeBytes, value: Int64(gauges.freeDiskBytes))
        gauge(.diskTotalBytes, value: Int64(gauges.totalDiskBytes))
        gauge(.rocksDBMemtableBytes, value: Int64(gauges.memtableBytes))
        gauge(.rocksDBBlockCacheBytes, value: Int64(gauges.blockCacheBytes))
        gauge(.rocksDBIndexAndFilterBytes, value: Int64(gauges.tableReaderBytes))
        gauge(.rocksDBLevelZeroFiles, value: Int64(gauges.levelZeroFiles))
        gauge(.rocksDBTableFileBytes, value: Int64(gauges.tableFileBytes))
        gauge(.rocksDBPendingCompactionBytes, value: Int64(gauges.pendingCompactionBytes))
        gauge(.rocksDBBackgroundErrors, value: Int64(gauges.backgroundErrors))
        gauge(.threadPoolQueueDepth, value: Int64(services.workers.waitingCount))
        gauge(.tables, value: Int64(services.tables.all.count))
        for table in services.tables.all {
            let summary = services.store.summary(of: table.id)
            let label = table.series.label
            gauge(.storageItems, label, value: Int64(summary.live))
            gauge(.storageTombstones, label, value: Int64(summary.tombstones))
            gauge(.storageBytes, label, value: Int64(summary.bytes))
        }
    }
}
