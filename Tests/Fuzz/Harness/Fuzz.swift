internal import FuzzDriver

/// Runs libFuzzer in this process. `callback` must capture nothing, because it is called from C, once for each input.
///
/// It never returns: libFuzzer ends the process when its time is over or when an input has crashed it.
package func fuzz(_ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    _ = LLVMFuzzerRunDriver(&count, &arguments, callback)
}

/// Calls `body` with the bytes of one input as a span. Returns 0, which libFuzzer requires.
package func withBytes(_ start: UnsafePointer<UInt8>?, _ count: Int, _ body: (Span<UInt8>) -> Void) -> CInt {
    body(UnsafeBufferPointer(start: start, count: count).span)
    return 0
}

/// Crashes with `sentence` unless the condition holds. `precondition` does not print its sentence in optimised builds.
package func require(_ condition: Bool, _ sentence: StaticString) {
    if !condition { fatalError("\(sentence)") }
}
