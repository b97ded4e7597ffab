// The tour runs as its text says: a newcomer copies from it.

import TestSupport
import Testing

@Suite struct TourTests {
  @Test func `the tour ends well, and every claim it prints holds`() throws {
    let run = try Command.run([], of: "Tour")
    #expect(run.status == 0, "\(run.errors)")
    #expect(!run.output.contains { $0.hasSuffix("false") }, "\(run.output)")
    #expect(run.output.count { $0.hasSuffix(": true") } == 4)
    #expect(run.output.contains { $0.hasPrefix("model: Affine(weight=f32[2,3], bias=f32[2]") })
    #expect(run.output.contains("trainable: 2 of 9 leaves"))
  }
}
