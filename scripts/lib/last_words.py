"""What must hold of keys that nobody writes any more, as far as acknowledgements tell."""

from collections import defaultdict

# So long a write may be under way to the other replicas after an eventual 200, which one disk has earned.
ONE_DISK_MICROSECONDS = 2_000_000


def may_have_put(request):
    return request.op == "put" and request.outcome != "not_applied" and (request.status in (0, 200, 503))


def surely_deleted(requests):
    """Keys that only strong operations wrote, whose last one was a delete that was acknowledged: one that began after
    the answer to every put that may have been carried out."""
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
    """Whether its acknowledgement came so shortly before a disk was lost that no other need have had it."""
    return any(0 <= wipe.started - request.end < ONE_DISK_MICROSECONDS for wipe in wipes)
