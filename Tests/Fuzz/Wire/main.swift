import FuzzHarness

fuzz { start, count in
    withBytes(start, count, checkWire)
}
