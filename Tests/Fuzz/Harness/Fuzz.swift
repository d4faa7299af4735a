internal import FuzzDriver

/// Hands the process to libFuzzer. `callback` may capture nothing: it is called from C, once a run.
///
/// It never returns: libFuzzer ends the process when its time is over or a run has crashed.
package func fuzz(_ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) {
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    _ = LLVMFuzzerRunDriver(&count, &arguments, callback)
}

/// The bytes of one run as a span, for the length of `body`.
package func withBytes(_ start: UnsafePointer<UInt8>?, _ count: Int, _ body: (Span<UInt8>) -> Void) -> CInt {
    body(UnsafeBufferPointer(start: start, count: count).span)
    return 0
}

/// Ends the run with `sentence`. An optimised build drops the words of a precondition.
package func require(_ condition: Bool, _ sentence: StaticString) {
    if !condition { fatalError("\(sentence)") }
}
