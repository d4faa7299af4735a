/// One page of the whole cluster out of one page from each of several members.
///
/// The newest version of each key stands once, and what it says is deleted is left out. A member that has more behind
/// its page says nothing of the keys there, so the merged page ends at the fence: the first of these ends in the
/// direction of the walk. [Beyond it, a member that has more may hold a newer version, or the tombstone, of a key that
/// another one shows.] Work per page is bounded, so a page may be empty and still have `next`.
enum PageMerge {
    /// Requires: each page is a proper answer to a request for the same range, so that its entries are in order.
    static func merge(_ pages: [Page], for request: PageRequest) -> Page {
        let order = WalkOrder(reverse: request.reverse)
        let fence = pages.compactMap(\.next).min(by: order.precedes)
        var live = allEntries(pages, order)
        if let fence, let beyond = firstIndex(behind: fence, in: live, order) { live.removeSubrange(beyond...) }
        live.removeAll(where: \.item.isTombstone)
        let limit = max(request.limit, 1)
        guard live.count > limit else { return Page(entries: live, next: fence) }
        return Page(entries: Array(live[..<limit]), next: live[limit - 1].key)
    }

    /// Two by two, so that no entry is compared more often than the logarithm of the number of pages.
    private static func allEntries(_ pages: [Page], _ order: WalkOrder) -> [Page.Entry] {
        var lists = pages.map(\.entries)
        while lists.count > 1 {
            lists = stride(from: 0, to: lists.count, by: 2).map { index in
                index + 1 < lists.count ? newest(lists[index], lists[index + 1], order) : lists[index]
            }
        }
        return lists.first ?? []
    }

    private static func newest(_ left: [Page.Entry], _ right: [Page.Entry], _ order: WalkOrder) -> [Page.Entry] {
        var merged: [Page.Entry] = []
        merged.reserveCapacity(left.count + right.count)
        var (inLeft, inRight) = (0, 0)
        while inLeft < left.count, inRight < right.count {
            let (one, other) = (left[inLeft], right[inRight])
            if one.key == other.key {
                merged.append(one.item.supersedes(other.item) ? one : other)
                inLeft += 1
                inRight += 1
            } else if order.precedes(one.key, other.key) {
                merged.append(one)
                inLeft += 1
            } else {
                merged.append(other)
                inRight += 1
            }
        }
        merged += left[inLeft...]
        merged += right[inRight...]
        return merged
    }

    private static func firstIndex(behind fence: ItemKey, in entries: [Page.Entry], _ order: WalkOrder) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if order.precedes(fence, entries[middle].key) { high = middle } else { low = middle + 1 }
        }
        return low < entries.count ? low : nil
    }
}

/// In which direction keys are walked.
struct WalkOrder {
    let reverse: Bool

    func precedes(_ left: ItemKey, _ right: ItemKey) -> Bool {
        reverse ? right < left : left < right
    }
}

extension StoredItem {
    /// Replicas that hold one version hold one value; should a disk have broken that, all nodes still choose alike.
    fileprivate func supersedes(_ other: StoredItem) -> Bool {
        if version != other.version { return version > other.version }
        return value == other.value || checksum > other.checksum
    }
}

extension Page {
    /// Whether this can be what a member that works as it should answers to `request`: a page from elsewhere is looked
    /// at before a scan goes by it, which otherwise might never end, or show a key twice.
    func isProper(for request: PageRequest) -> Bool {
        let order = WalkOrder(reverse: request.reverse)
        let range = KeyRange(of: request)
        var keys = entries.map(\.key)
        if let next, next != keys.last { keys.append(next) }
        guard let first = keys.first, let last = keys.last else { return true }
        guard range.contains(first), range.contains(last) else { return false }
        return zip(keys, keys.dropFirst()).allSatisfy(order.precedes)
    }
}
