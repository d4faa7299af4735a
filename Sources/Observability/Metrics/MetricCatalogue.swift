// The names, help texts, labels and buckets of all metrics. Dashboards and alerts outside this repository read the
// names, labels and buckets of the first three metrics: these never change, and an addition gets a new name.
//
// A metric is on the metrics page once it has a sample. The order of metrics on the page is that of `catalogue`.

extension MetricFamily {
    package static let catalogue: [MetricFamily] =
        requests + connections + replication + hints + repair + coordinator + members + eventLoop + storage + rocksDB
        + tracing + node + scrapes + process

    private static let requests = [
        httpRequests, httpRequestDuration, itemOperations, itemNotFound, httpResponses, httpRequestLatency,
        slowRequests, httpRejections, requestsShed, httpRequestBytes, httpResponseBytes, httpInvalidRequestIDs,
        metricsSeriesLimited,
    ]
    private static let connections = [
        httpConnections, httpConnectionsAccepted, httpConnectionsRefused, httpRequestsInFlight, httpHeldBodyBytes,
        httpAcceptFailures, httpIdleTimeouts, httpWriteStalls, httpExchangesCut,
    ]
    private static let replication = [
        replicationSend, replicationSendDuration, replicationReceived, replicationReceivedDuration,
        peerMessagesRefused, peerSentBytes, peerReceivedBytes,
    ]
    private static let hints = [
        hintsPending, hintBytes, hintOldest, hintsStored, hintsDelivered, hintsSuperseded, hintsDropped, hintReplays,
        hintReplayOps, hintReplayDuration,
    ]
    private static let repair = [
        readRepairs, antiEntropyComparisons, antiEntropyKeys, divergentKeys, divergenceAge, tombstonesPurged,
        purgeBlockedPartitions, recovering, recoveryPartitionsWhole, recoveryPartitions,
    ]
    private static let coordinator = [
        coordinatorRequests, coordinatorRequestDuration, coordinatorRemoteReads, coordinatorRemoteReadDuration,
        coordinatorRunning, coordinatorHedges, coordinatorWriteBacks, versionConflicts,
    ]
    private static let members = [
        clusterMembers, clusterNodeUp, partitions, ready, tables, peerClockOffset, peerWaitingBytes,
        peerBytesInFlight,
    ]
    private static let eventLoop = [
        eventLoopLag, eventLoopStalls, eventLoopIteration, eventLoopIdle, threadPoolQueueDepth,
    ]
    private static let storage = [
        storageCommitBatches, storageCommitBatchOperations, storageCommitBytes, storageCommitLookups,
        storageCommitDuration, storageFsyncDuration, storageCommitQueueBytes, storageReads, storageReadDuration,
        storageOpen, storageWritable, storageReopens, storageItems, storageTombstones, storageBytes, diskFreeBytes,
        diskTotalBytes,
    ]
    private static let rocksDB = [
        rocksDBMemtableBytes, rocksDBBlockCacheBytes, rocksDBIndexAndFilterBytes, rocksDBLevelZeroFiles,
        rocksDBTableFileBytes, rocksDBPendingCompactionBytes, rocksDBBackgroundErrors,
    ]
}

// MARK: Buckets

extension MetricFamily {
    private static let microsecond: UInt64 = 1_000
    private static let millisecond: UInt64 = 1_000_000

    /// Bucket bounds for the durations of requests and of operations between nodes: 1 ms to 10 s.
    static let requestBounds = [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]
        .map { $0 * millisecond }
    /// Bucket bounds for durations of the disk and the event loop, most of which are below 1 ms: 50 us to 1 s.
    static let fineBounds = [
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    ].map { $0 * microsecond }
    /// Bucket bounds for the duration of replay passes, 10 ms to 1 h: a pass sends anything from one page of hints to
    /// the hints of an entire night.
    private static let replayBounds = [
        10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
    ].map { $0 * millisecond }
    /// Bucket bounds for the sizes of requests and responses: 64 B to 1 MiB, which is the default limit of an item.
    private static let sizeBounds: [UInt64] = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576]
    private static let batchBounds: [UInt64] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]
}

// MARK: Requests

extension MetricFamily {
    private static let requestLabels = ["method", "operation", "status", "table"]
    private static let dropped =
        "The series of a dropped table are removed after one minute; tables beyond the limit share table=\"__other__\"."

    package static let httpRequests = counter(
        "hedgehog_http_requests_total", "HTTP requests that were answered. " + dropped, labels: requestLabels)
    package static let httpRequestDuration = histogram(
        "hedgehog_http_request_duration_seconds",
        "Time from the first byte of a request to the handover of its response to the kernel. " + dropped,
        labels: requestLabels, unit: .seconds, bounds: requestBounds)
    package static let itemOperations = counter(
        "hedgehog_item_operations_total",
        "Item reads, writes and deletes; success means a status below 400. " + dropped,
        labels: ["operation", "result", "table"])
    package static let itemNotFound = counter(
        "hedgehog_item_not_found_total", "Item reads and deletes in an existing table that found no item. " + dropped,
        labels: ["operation", "table"])
    package static let httpResponses = counter(
        "hedgehog_http_responses_total",
        "HTTP responses by exact status code; 499 means that the client closed the connection before its response.",
        labels: ["operation", "code"])
    package static let httpRequestLatency = histogram(
        "hedgehog_http_request_latency_seconds",
        "The same time as hedgehog_http_request_duration_seconds, in finer buckets that resolve reads from memory.",
        labels: ["operation"], unit: .seconds, bounds: fineBounds)
    package static let slowRequests = counter(
        "hedgehog_slow_requests_total", "Requests that took longer than --slow-ms; the log has a line for each.",
        labels: ["operation"])
    package static let httpRejections = counter(
        "hedgehog_http_rejections_total", "Requests that the HTTP server refused before they were handled.",
        labels: ["reason"])
    package static let requestsShed = counter(
        "hedgehog_requests_shed_total",
        "Requests answered with 503 to protect the node: queue_full when the write queue is full; workers when the "
            + "queue of the worker threads is full; crowded when there are too many connections or the memory for "
            + "request bodies is used up; draining while the node shuts down.",
        labels: ["reason"])
    package static let httpRequestBytes = histogram(
        "hedgehog_http_request_bytes", "Size of a request, head and body.", unit: .plain, bounds: sizeBounds)
    package static let httpResponseBytes = histogram(
        "hedgehog_http_response_bytes", "Size of a response body.", unit: .plain, bounds: sizeBounds)
    package static let httpInvalidRequestIDs = counter(
        "hedgehog_http_invalid_request_ids_total", "Requests whose X-Request-ID was invalid and was replaced.")
    package static let metricsSeriesLimited = counter(
        "hedgehog_metrics_series_limited_total", "Tables that share table=\"__other__\" because the limit was reached.")
}

// MARK: Replication

extension MetricFamily {
    package static let replicationSend = counter(
        "hedgehog_replication_send_total",
        "Puts and deletes for another member: success when the member acknowledged the operation or has a newer "
            + "version; failure when it refused or timed out; node_down when it was dead and nothing was sent.",
        labels: ["op", "target_node", "result"])
    package static let replicationSendDuration = histogram(
        "hedgehog_replication_send_duration_seconds",
        "Time from queueing a put or delete for another member to its response or the timeout.",
        labels: ["op", "target_node"], unit: .seconds, bounds: requestBounds)
    package static let replicationReceived = counter(
        "hedgehog_replication_received_total", "Operations received from other members, by result.",
        labels: ["op", "result"])
    package static let replicationReceivedDuration = histogram(
        "hedgehog_replication_received_duration_seconds",
        "Time from the arrival of an operation of another member to its response.",
        labels: ["op", "result"], unit: .seconds, bounds: requestBounds)
    package static let peerMessagesRefused = counter(
        "hedgehog_peer_messages_refused_total",
        "Messages of other nodes that were refused completely, before any operation in them ran.", labels: ["reason"])
    package static let peerSentBytes = counter(
        "hedgehog_peer_sent_bytes_total", "Bytes of the messages sent to a member at its current address.",
        labels: ["target_node"])
    package static let peerReceivedBytes = counter(
        "hedgehog_peer_received_bytes_total",
        "Bytes of the responses of a member to messages sent to its current address.", labels: ["target_node"])
}

// MARK: Hints

extension MetricFamily {
    private static let durable = "The total is stored with the hints and continues across restarts of this node."

    package static let hintsPending = gauge(
        "hedgehog_replication_hinted_handoff_pending", "Hints stored at present for a member that missed writes.",
        labels: ["target_node"])
    package static let hintBytes = gauge(
        "hedgehog_replication_hint_bytes",
        "Bytes of the hints stored at present for a member.", labels: ["target_node"])
    package static let hintOldest = gauge(
        "hedgehog_replication_hint_oldest_timestamp_seconds",
        "Unix time since when there has always been a pending hint for the member; no pending hint is older. 0 without "
            + "pending hints.",
        labels: ["target_node"], unit: .seconds)
    // The counter of stored hints has no label for the reason why a hint was stored: stored = delivered + superseded +
    // expired + pending holds across restarts, which it could not do for each reason. hedgehog_replication_send_total
    // has the results of the sends themselves.
    package static let hintsStored = counter(
        "hedgehog_replication_hints_stored_total",
        "Hints stored for a member, the sum of delivered, superseded, expired and pending hints. " + durable,
        labels: ["target_node"])
    package static let hintsDelivered = counter(
        "hedgehog_replication_hints_delivered_total",
        "Hints that the member accepted or for which it already had a newer version. " + durable,
        labels: ["target_node"])
    package static let hintsSuperseded = counter(
        "hedgehog_replication_hints_superseded_total",
        "Hints that were replaced by a newer hint for the same key or whose table was deleted. " + durable,
        labels: ["target_node"])
    package static let hintsDropped = counter(
        "hedgehog_replication_hints_dropped_total",
        "Writes that reach the member only through anti-entropy: the hint expired after the hint window (expired), or "
            + "it was not stored because of --hint-budget (limit), a disk error (disk) or a full write queue (queue).",
        labels: ["target_node", "reason"])
    package static let hintReplays = counter(
        "hedgehog_replication_hint_replay_total",
        "Replay passes over the hints of a member that had hints to send: success when the pass reached the end, "
            + "failure when the member did not accept a hint.",
        labels: ["target_node", "result"])
    package static let hintReplayOps = counter(
        "hedgehog_replication_hint_replay_ops_total", "Puts and deletes that a member accepted from hints.",
        labels: ["target_node", "op"])
    package static let hintReplayDuration = histogram(
        "hedgehog_replication_hint_replay_duration_seconds",
        "Time of a replay pass over the hints of a member that had hints to send.", unit: .seconds,
        bounds: replayBounds)
}

// MARK: Repair

extension MetricFamily {
    package static let readRepairs = counter(
        "hedgehog_read_repair_total",
        "Repairs of replicas that a read found stale, by whether the replica accepted them.",
        labels: ["result"])
    package static let antiEntropyComparisons = counter(
        "hedgehog_anti_entropy_comparisons_total",
        "Anti-entropy sessions with a member: equal, repaired if keys differed, failed if the session did not finish.",
        labels: ["target_node", "result"])
    package static let antiEntropyKeys = counter(
        "hedgehog_anti_entropy_keys_total",
        "Keys that anti-entropy repaired: pulled from the member, pushed to it, or dropped here because the member has "
            + "purged their tombstones.",
        labels: ["target_node", "direction"])
    package static let divergentKeys = gauge(
        "hedgehog_divergent_keys",
        "Keys that differed from a member's in the last anti-entropy session, without keys written just before; 0 "
            + "before the first session.",
        labels: ["target_node"])
    package static let divergenceAge = gauge(
        "hedgehog_divergence_age_seconds", "Age of the oldest divergent key at the time of that session.",
        labels: ["target_node"], unit: .seconds)
    package static let tombstonesPurged = counter(
        "hedgehog_tombstones_purged_total",
        "Tombstones that this node, as leader of their partition, purged on all replicas.")
    package static let purgeBlockedPartitions = gauge(
        "hedgehog_purge_blocked_partitions",
        "Partitions led by this node whose tombstones cannot be purged now; /api/v1/cluster/status gives the reason.")
    package static let recovering = gauge(
        "hedgehog_recovering",
        "1 while this node recovers lost data: it stores writes but does not count towards quorums.")
    package static let recoveryPartitionsWhole = gauge(
        "hedgehog_recovery_partitions_whole",
        "Partitions that are already in sync while this node recovers; otherwise 0.")
    package static let recoveryPartitions = gauge(
        "hedgehog_recovery_partitions", "Partitions that have to get in sync while this node recovers; otherwise 0.")
}

// MARK: Coordinator

extension MetricFamily {
    package static let coordinatorRequests = counter(
        "hedgehog_coordinator_requests_total",
        "Operations coordinated by this node: ok; quorum_failed when too few replicas acknowledged; timeout when too "
            + "few responded in time; unavailable when this node could not start the operation.",
        labels: ["op", "consistency", "result"])
    package static let coordinatorRequestDuration = histogram(
        "hedgehog_coordinator_request_duration_seconds",
        "Time of an operation coordinated by this node, from start to response.",
        labels: ["op", "consistency"], unit: .seconds, bounds: fineBounds)
    package static let coordinatorRemoteReads = counter(
        "hedgehog_coordinator_remote_reads_total", "Reads of an item or a version from another member.",
        labels: ["target_node", "result"])
    package static let coordinatorRemoteReadDuration = histogram(
        "hedgehog_coordinator_remote_read_duration_seconds",
        "Time of a read of an item or a version from another member, until its response or the timeout.",
        labels: ["target_node"], unit: .seconds, bounds: fineBounds)
    package static let coordinatorRunning = gauge(
        "hedgehog_coordinator_operations_running", "Operations coordinated by this node that are still running.")
    package static let coordinatorHedges = counter(
        "hedgehog_coordinator_hedges_total",
        "Requests to additional replicas because the first replicas were slow (hedged requests).")
    package static let coordinatorWriteBacks = counter(
        "hedgehog_coordinator_write_backs_total",
        "Strong reads that had to write the returned version back to reach a write quorum.")
    package static let versionConflicts = counter(
        "hedgehog_version_conflicts_total",
        "Cases of two replicas with different values for the same version: a bug or a disk fault.")
}

// MARK: Members

extension MetricFamily {
    package static let clusterMembers = gauge(
        "hedgehog_cluster_members", "Members by state as seen by this node, itself included.", labels: ["state"])
    package static let clusterNodeUp = gauge(
        "hedgehog_cluster_node_up",
        "1 while the failure detector of this node considers the member alive.", labels: ["target_node"])
    package static let partitions = gauge(
        "hedgehog_partitions",
        "Partitions by state as seen by this node: ok when all replicas are alive; under_replicated when some are "
            + "down but the larger quorum is available; unavailable when it is not.",
        labels: ["state"])
    package static let ready = gauge("hedgehog_ready", "1 while /readyz reports that this node is ready for requests.")
    package static let tables = gauge("hedgehog_tables", "Tables that exist as seen by this node.")
    package static let peerClockOffset = gauge(
        "hedgehog_peer_clock_offset_seconds",
        "How far the wall clock of a member is ahead of this node's, corrected for the network delay.",
        labels: ["target_node"], unit: .seconds)
    package static let peerWaitingBytes = gauge(
        "hedgehog_peer_waiting_bytes", "Bytes of operations that are queued for other members.")
    package static let peerBytesInFlight = gauge(
        "hedgehog_peer_bytes_in_flight", "Bytes of messages to other members without a response so far.")
}

// MARK: Connections and loop

extension MetricFamily {
    package static let httpConnections = gauge(
        "hedgehog_http_connections", "Current connections by state.", labels: ["state"])
    package static let httpConnectionsAccepted = counter(
        "hedgehog_http_connections_accepted_total", "Connections accepted.")
    package static let httpConnectionsRefused = counter(
        "hedgehog_http_connections_refused_total", "Connections refused because of --max-connections.")
    package static let httpRequestsInFlight = gauge(
        "hedgehog_http_requests_in_flight", "Requests received in full that are not answered yet.")

    package static let httpHeldBodyBytes = gauge(
        "hedgehog_http_held_body_bytes", "Memory used by request bodies that are still arriving.")
    package static let httpAcceptFailures = counter(
        "hedgehog_http_accept_failures_total", "Connections not accepted because no file descriptor was free.")
    package static let httpIdleTimeouts = counter(
        "hedgehog_http_idle_timeouts_total", "Connections closed because they were idle for too long.")
    package static let httpWriteStalls = counter(
        "hedgehog_http_write_stalls_total", "Connections closed because the client did not read its response.")
    package static let httpExchangesCut = counter(
        "hedgehog_http_exchanges_cut_total", "Requests whose connection broke before the response was complete.")

    package static let eventLoopLag = histogram(
        "hedgehog_event_loop_lag_seconds", "How late the event loop ran a timer.", unit: .seconds, bounds: fineBounds)
    package static let eventLoopStalls = counter(
        "hedgehog_event_loop_stalls_total", "Timers that the event loop ran more than 50 ms late.")
    package static let eventLoopIteration = histogram(
        "hedgehog_event_loop_iteration_seconds",
        "Time of one event loop iteration without its sleep: the longest wait of an event that arrives meanwhile.",
        unit: .seconds, bounds: fineBounds)
    package static let eventLoopIdle = counter(
        "hedgehog_event_loop_idle_seconds_total", "Time that the event loop slept because it was idle.",
        unit: .seconds)
    package static let threadPoolQueueDepth = gauge(
        "hedgehog_threadpool_queue_depth", "Jobs in the queue of the worker threads.")
}

// MARK: Storage

extension MetricFamily {
    package static let storageCommitBatches = counter(
        "hedgehog_storage_commit_batches_total", "Batches written by the commit thread.")
    package static let storageCommitBatchOperations = histogram(
        "hedgehog_storage_commit_batch_operations", "Operations in one batch.", unit: .plain, bounds: batchBounds)
    package static let storageCommitBytes = counter(
        "hedgehog_storage_commit_bytes_total", "Bytes of the operations committed.")
    package static let storageCommitLookups = counter(
        "hedgehog_storage_commit_lookups_total", "Versions that the commit thread had to read from RocksDB.")
    package static let storageCommitDuration = histogram(
        "hedgehog_storage_commit_duration_seconds", "Time to commit one batch, fsync included.",
        unit: .seconds, bounds: fineBounds)
    package static let storageFsyncDuration = histogram(
        "hedgehog_storage_fsync_duration_seconds", "Time to write and sync one batch.",
        unit: .seconds, bounds: fineBounds)
    package static let storageCommitQueueBytes = gauge(
        "hedgehog_storage_commit_queue_bytes", "Bytes in the queue of the commit thread.")
    package static let storageReads = counter(
        "hedgehog_storage_reads_total", "Item reads by source: from memory, or by a worker thread from disk.",
        labels: ["source"])
    package static let storageReadDuration = histogram(
        "hedgehog_storage_read_duration_seconds",
        "Time of an item read from disk, from its start on a worker thread.",
        unit: .seconds, bounds: fineBounds)
    package static let storageOpen = gauge(
        "hedgehog_storage_open_seconds", "Time that the store took to open, including the recovery of its log.",
        unit: .seconds)
    package static let storageWritable = gauge(
        "hedgehog_storage_writable", "1 while the store accepts writes, 0 while it refuses them.")
    package static let storageReopens = counter(
        "hedgehog_storage_reopens_total", "Reopenings of the database after a disk failure.")
    package static let storageItems = gauge("hedgehog_storage_items", "Live items on this node.", labels: ["table"])
    package static let storageTombstones = gauge(
        "hedgehog_storage_tombstones", "Tombstones on this node.", labels: ["table"])
    package static let storageBytes = gauge(
        "hedgehog_storage_bytes", "Bytes of the live items on this node.", labels: ["table"])
    package static let diskFreeBytes = gauge(
        "hedgehog_disk_free_bytes", "Free bytes on the file system of the data directory.")
    package static let diskTotalBytes = gauge(
        "hedgehog_disk_total_bytes", "Size of the file system of the data directory in bytes.")

    package static let rocksDBMemtableBytes = gauge("hedgehog_rocksdb_memtable_bytes", "Bytes in memtables.")
    package static let rocksDBBlockCacheBytes = gauge("hedgehog_rocksdb_block_cache_bytes", "Bytes in the block cache.")
    package static let rocksDBIndexAndFilterBytes = gauge(
        "hedgehog_rocksdb_index_and_filter_bytes", "Bytes of indexes and filters outside the block cache.")
    package static let rocksDBLevelZeroFiles = gauge(
        "hedgehog_rocksdb_level_zero_files", "Table files in level 0, not compacted yet.")
    package static let rocksDBTableFileBytes = gauge(
        "hedgehog_rocksdb_table_file_bytes", "Bytes of the table files on disk.")
    package static let rocksDBPendingCompactionBytes = gauge(
        "hedgehog_rocksdb_pending_compaction_bytes", "Bytes that compaction still has to rewrite.")
    package static let rocksDBBackgroundErrors = gauge(
        "hedgehog_rocksdb_background_errors", "Errors of flushes and compactions since the database was opened.")
}
