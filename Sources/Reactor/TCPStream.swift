internal import CLibuv
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The receiver of a stream's events. All methods are called on the loop, never from inside a call on the stream.
package protocol TCPStreamDelegate: AnyObject {
    /// Bytes arrived. They lie in a buffer that the whole loop shares and are invalid after this returns.
    func stream(_ stream: TCPStream, didRead bytes: Span<UInt8>)
    /// The peer has closed its sending side. It may still be reading.
    func streamDidEnd(_ stream: TCPStream)
    /// The connection is broken: nothing more can be read or written, and the delegate must close the stream.
    func stream(_ stream: TCPStream, didFail error: ReactorError)
    /// The kernel has taken some of the queued bytes; `pendingWriteBytes` counts the others.
    func streamDidWrite(_ stream: TCPStream)
    /// The stream is closed, after `close`, `reset` or the end of the loop. No method of the delegate is called after
    /// this one.
    func streamDidClose(_ stream: TCPStream)
}

/// One TCP connection. It holds its delegate from `start` until it has closed, so the two need no other owner. Loop
/// thread only.
package final class TCPStream: Handle {
    /// The peer's address; nil if the kernel reported none.
    package let peer: SocketAddress?
    private var delegate: (any TCPStreamDelegate)?
    private var handedBytes: UInt64 = 0
    package private(set) var isReading = false

    /// Makes a stream that owns `descriptor`, a connected socket with TCP_NODELAY set.
    init(loop: EventLoop, descriptor: Int32, peer: SocketAddress?) {
        self.peer = peer
        super.init(loop: loop, type: UV_TCP)
        guard (try? begin(uv_tcp_init(loop.raw, tcp))) != nil else {
            preconditionFailure("initialising a stream without a socket only fills in memory and cannot fail")
        }
        loop.evictPoller(of: descriptor)
        let status = uv_tcp_open(tcp, descriptor)
        precondition(status == 0, "a socket that was just accepted could not be handed to libuv")
    }

    /// Sets the stream's delegate and begins to read. Call it once.
    package func start(delegate: any TCPStreamDelegate) {
        loop.assertOnLoop()
        precondition(self.delegate == nil, "a stream was started twice")
        self.delegate = delegate
        resumeReading()
    }

    override func didClose() {
        let delegate = self.delegate
        self.delegate = nil
        delegate?.streamDidClose(self)
    }

    private var tcp: UnsafeMutablePointer<uv_tcp_t> { memory.assumingMemoryBound(to: uv_tcp_t.self) }
    private var stream: UnsafeMutablePointer<uv_stream_t> { memory.assumingMemoryBound(to: uv_stream_t.self) }
}

// MARK: Reading

extension TCPStream {
    /// Stops reading, so that the kernel's buffer fills and TCP flow control holds the peer back. Pausing and resuming
    /// within one loop iteration costs no system call.
    package func pauseReading() {
        loop.assertOnLoop()
        guard isOpen, isReading else { return }
        isReading = false
        uv_read_stop(stream)
    }

    /// Reads again after `pauseReading`.
    package func resumeReading() {
        loop.assertOnLoop()
        guard isOpen, !isReading else { return }
        isReading = true
        uv_read_start(
            stream,
            { handle, _, buffer in owner(handle?.pointee.data, as: TCPStream.self).lendBuffer(buffer) },
            { stream, count, _ in owner(stream?.pointee.data, as: TCPStream.self).didRead(count) })
    }

    /// Lends the loop's one read buffer to libuv. That is safe because libuv calls `didRead` before it asks for another
    /// buffer.
    private func lendBuffer(_ buffer: UnsafeMutablePointer<uv_buf_t>?) {
        buffer?.pointee.base = loop.readBuffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        buffer?.pointee.len = loop.readBuffer.count
    }

    private func didRead(_ count: Int) {
        precondition(isOpen, "libuv read from a closed stream")
        guard count != 0 else { return }
        guard let delegate else { preconditionFailure("a stream is reading without a delegate") }
        if count > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count])
            delegate.stream(self, didRead: bytes.assumingMemoryBound(to: UInt8.self).span)
            return
        }
        isReading = false
        if count == Int(UV_EOF.rawValue) {
            delegate.streamDidEnd(self)
        } else {
            delegate.stream(self, didFail: ReactorError(code: Int32(count)))
        }
    }
}

// MARK: Writing

extension TCPStream {
    /// Bytes passed to `write` that the kernel has not taken yet.
    package var pendingWriteBytes: Int { uv_stream_get_write_queue_size(stream) }

    /// Bytes that the kernel has taken since the stream began. While this does not grow and bytes are pending, the peer
    /// is not reading.
    package var writtenBytes: UInt64 { handedBytes - UInt64(pendingWriteBytes) }

    /// Writes both spans, in order, with one system call. Bytes that the kernel does not take now are copied and
    /// queued; the caller must bound the queue by looking at `pendingWriteBytes`. A failure is reported to the delegate
    /// later, never from inside this call. Traps on a closed stream.
    package func write(_ first: Span<UInt8>, _ second: Span<UInt8> = Span()) {
        loop.assertOnLoop()
        precondition(isOpen, "a closed stream was written to")
        let count = first.count + second.count
        guard count > 0 else { return }
        handedBytes += UInt64(count)
        first.withUnsafeBytes { first in
            second.withUnsafeBytes { second in
                let taken = offer(first, second)
                if taken < count { WriteRequest(first, second, dropping: taken).start(on: stream, reporting: self) }
            }
        }
    }

    /// Writes as much as the kernel takes at once and returns the number of bytes, or 0 on an error, which the queued
    /// write then reports.
    private func offer(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        var buffers = (uvBuffer(first), uvBuffer(second))
        return withUnsafeBytes(of: &buffers) {
            let taken = uv_try_write(
                stream, $0.assumingMemoryBound(to: uv_buf_t.self).baseAddress, second.isEmpty ? 1 : 2)
            return max(0, Int(taken))
        }
    }

    fileprivate func didWrite(_ status: Int32) {
        guard isOpen, let delegate else { return }
        if status < 0 {
            delegate.stream(self, didFail: ReactorError(code: status))
        } else {
            delegate.streamDidWrite(self)
        }
    }
}

private func uvBuffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
    let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
    return uv_buf_init(base, UInt32(bytes.count))
}

/// A write that the kernel did not take at once. It owns a copy of its bytes until libuv's completion callback.
private final class WriteRequest {
    private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableRawBufferPointer
    private var stream: TCPStream?

    init(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, dropping taken: Int) {
        bytes = .allocate(byteCount: first.count + second.count - taken, alignment: 1)
        let restOfFirst = first.dropFirst(taken)
        let restOfSecond = second.dropFirst(max(0, taken - first.count))
        bytes.copyBytes(from: restOfFirst)
        UnsafeMutableRawBufferPointer(rebasing: bytes[restOfFirst.count...]).copyBytes(from: restOfSecond)
    }

    deinit {
        bytes.deallocate()
        request.deallocate()
    }

    func start(on raw: UnsafeMutablePointer<uv_stream_t>, reporting stream: TCPStream) {
        self.stream = stream
        request.pointee.data = retainedPointer(to: self)
        var buffer = uvBuffer(UnsafeRawBufferPointer(bytes))
        let status = uv_write(request, raw, &buffer, 1) { request, status in
            takeOwner(request?.pointee.data, as: WriteRequest.self).stream?.didWrite(status)
        }
        precondition(status == 0, "queueing a write on an open stream failed")
    }
}

// MARK: Ending

extension TCPStream {
    /// Closes the sending side after all queued bytes; the peer reads an end of stream. Reading goes on.
    package func shutdown() {
        loop.assertOnLoop()
        guard isOpen else { return }
        ShutdownRequest().start(on: stream)
    }

    /// Closes with a TCP reset instead of an orderly end, so that the peer cannot mistake a cut response for a complete
    /// one.
    package func reset() {
        loop.assertOnLoop()
        var immediately = linger(l_onoff: 1, l_linger: 0)
        var descriptor: Int32 = -1
        guard isOpen, uv_fileno(raw, &descriptor) == 0 else { return close() }
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

private final class ShutdownRequest {
    private let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)

    deinit {
        request.deallocate()
    }

    /// Starts to shut down the sending side. A failure is ignored: the stream's reader or writer receives the same
    /// error.
    func start(on raw: UnsafeMutablePointer<uv_stream_t>) {
        request.pointee.data = retainedPointer(to: self)
        let status = uv_shutdown(request, raw) { request, _ in
            _ = takeOwner(request?.pointee.data, as: ShutdownRequest.self)
        }
        if status < 0 { _ = takeOwner(request.pointee.data, as: ShutdownRequest.self) }
    }
}
