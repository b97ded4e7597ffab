// Which elementwise steps run in one loop.
//
// Every stage has a rank, and reads only from stages of lower rank or from itself; so whatever is
// grouped, stages never wait for each other in a circle. A step joins a loop over as many indices that
// makes or reads one of its operands, if its other operands come from lower ranks; else it opens a
// loop one rank above its operands. One look at each step.

internal import Core

/// The stages of `steps` in the order in which they run, and how they give the outputs.
func scheduled(
  _ steps: [Plan.Step], slots: Int, outs: [Plan.Operand]
) -> (stages: [Plan.Stage], outs: [Plan.Operand]) {
  let views = PlanViews(steps, slots: slots, outs: outs)
  var fusion = Fusion(steps, views, slots: slots)
  for index in steps.indices where views.runs(steps[index]) { fusion.add(index) }
  let outs = outs.map(views.whole)
  return (ordered(fusion.stages(outs: outs), slots: slots, outs: outs), outs)
}

/// Groups of steps under construction.
private struct Fusion {
  /// A stage to be.
  private struct Group {
    let rank: Int
    /// Over how many indices it loops; nil for a step that is no loop.
    let count: Int?
    var steps: [Int] = []
    var followers = Followers.none
  }

  /// Which other groups read what a group makes.
  private enum Followers: Equatable { case none, one(Int), several }

  private let steps: [Plan.Step]
  private let views: PlanViews
  private var groups: [Group] = []
  /// The group of each step that runs.
  private var home: [Int?]
  /// The group that makes each slot; nil for what is there before the first.
  private var maker: [Int?]
  /// The last loop over the elements of each slot.
  private var reader: [Int?]

  init(_ steps: [Plan.Step], _ views: PlanViews, slots: Int) {
    (self.steps, self.views) = (steps, views)
    home = [Int?](repeating: nil, count: steps.count)
    maker = [Int?](repeating: nil, count: slots)
    reader = maker
  }

  mutating func add(_ index: Int) {
    let sources = sources(of: index)
    guard let count = views.loopCount(steps[index]) else {
      return place(index, in: opened(nil, above: sources), sources)
    }
    let group = joinable(sources, count) ?? opened(count, above: sources)
    absorbMakers(of: sources, into: group)
    place(index, in: group, sources)
    for slot in sources { reader[slot] = group }
  }

  /// The slots that a step reads in memory.
  private func sources(of index: Int) -> [Int] {
    let step = steps[index]
    let roots =
      if case .elementwise = step.role { step.run.operands.map { views.view($0).root } } else {
        step.run.operands.map { views.whole($0).source }
      }
    return roots.compactMap { root in if case .slot(let slot) = root { slot } else { nil } }
  }

  private mutating func place(_ index: Int, in group: Int, _ sources: [Int]) {
    bind(index, to: group)
    for slot in sources {
      guard let other = maker[slot], other != group else { continue }
      let followers = groups[other].followers
      groups[other].followers =
        followers == .none || followers == .one(group) ? .one(group) : .several
    }
  }

  private mutating func bind(_ index: Int, to group: Int) {
    home[index] = group
    groups[group].steps.append(index)
    for slot in steps[index].results { maker[slot] = group }
  }

  /// A new group one rank above the makers of `sources`.
  private mutating func opened(_ count: Int?, above sources: [Int]) -> Int {
    let rank = sources.map { maker[$0].map { groups[$0].rank } ?? 0 }.max() ?? 0
    groups.append(Group(rank: rank + 1, count: count))
    return groups.count - 1
  }

  /// A loop over `count` indices that has to do with `sources` and may read all of them.
  private func joinable(_ sources: [Int], _ count: Int) -> Int? {
    for slot in sources {
      for case let group? in [maker[slot], reader[slot]]
      where groups[group].count == count && admits(group, sources) {
        return group
      }
    }
    return nil
  }

  private func admits(_ group: Int, _ sources: [Int]) -> Bool {
    sources.allSatisfy { slot in
      guard let other = maker[slot] else { return true }
      return other == group || groups[other].rank < groups[group].rank
    }
  }

  /// Takes up loops whose results `group` alone reads: their operands come from still lower ranks. Only
  /// short ones, so that no step moves often.
  private mutating func absorbMakers(of sources: [Int], into group: Int) {
    for slot in sources {
      guard let other = maker[slot], other != group, groups[other].steps.count <= 8,
        groups[other].count == groups[group].count,
        groups[other].followers == .none || groups[other].followers == .one(group)
      else { continue }
      let moving = groups[other].steps
      groups[other].steps = []
      for index in moving { bind(index, to: group) }
    }
  }

  /// The groups as stages; `outs` are read after all of them.
  func stages(outs: [Plan.Operand]) -> [Plan.Stage] {
    var members = groups.map { _ in [Int]() }
    for (index, home) in home.enumerated() {
      if let home { members[home].append(index) }
    }
    let made = members
    let recomputation = Recomputation(steps, views, outs: outs)
    for (group, count) in groups.map(\.count).enumerated() {
      guard let count else { continue }
      members[group] = recomputation.extended(members[group], count) { sources(of: $0) }
    }
    var isKept = [Bool](repeating: false, count: maker.count)
    for case .slot(let slot) in outs.map(\.source) { isKept[slot] = true }
    for group in groups.indices {
      let own = Set(members[group].lazy.flatMap { steps[$0].results })
      for slot in members[group].lazy.flatMap(sources) where !own.contains(slot) {
        isKept[slot] = true
      }
    }
    return groups.indices.compactMap { stage($0, members[$0], made: made[$0], isKept) }
  }

  /// The stage of `members`, of which `made` are not there for this group alone; nil without any.
  private func stage(
    _ group: Int, _ members: [Int], made: [Int], _ isKept: [Bool]
  ) -> Plan.Stage? {
    guard let first = made.first else { return nil }
    guard let count = groups[group].count else {
      let step = steps[first]
      return Plan.Stage(
        steps: members, operands: step.run.operands.map(views.whole),
        results: Array(step.results), kernel: step.run.kernel)
    }
    var builder = LoopBuilder(views, count)
    for index in members {
      let slot = steps[index].results.lowerBound
      builder.append(steps[index], isKept: isKept[slot] && home[index] == group)
    }
    return builder.stage(made)
  }
}
