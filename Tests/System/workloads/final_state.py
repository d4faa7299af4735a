"""Rules for the final state of keys, derived from the responses to all writes."""

from collections import defaultdict

# After an eventual 200, which needs one disk only, the write may take this long to reach the other replicas.
ONE_DISK_MICROSECONDS = 2_000_000


def may_have_put(request):
    return request.op == "put" and request.outcome != "not_applied" and (request.status in (0, 200, 503))


def surely_deleted(requests):
    """Returns the keys that must be absent: only strong operations wrote them, and the last write is an acknowledged
    delete that started after the response to every put that may have been applied."""
    by_key = defaultdict(list)
    for request in requests:
        if request.op != "get":
            by_key[request.key].append(request)
    return sorted(key for key, writes in by_key.items() if ends_deleted(writes))


def ends_deleted(writes):
    if any(write.consistency != "strong" for write in writes):
        return False
    puts = [write for write in writes if may_have_put(write)]
    last_delete = max((write.start for write in writes if write.op == "delete" and write.status == 200), default=None)
    return last_delete is not None and all(put.status == 200 and put.end <= last_delete for put in puts)


def was_on_one_disk(request, wipes):
    """Returns whether a disk was lost so shortly after the response that no other disk needs to hold the write."""
    return any(0 <= wipe.started - request.end < ONE_DISK_MICROSECONDS for wipe in wipes)
