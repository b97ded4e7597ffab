// A report as the outcome of a test: one issue per failed finding, with all that is needed to
// repeat it.

package import Oracle
package import Testing

/// Records an issue for every finding that failed, and one if nothing at all was compared.
package func expect(
  _ report: Report, sourceLocation: SourceLocation = #_sourceLocation
) {
  let facts = report.facts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
  for finding in report.failures {
    Issue.record(
      """
      \(finding.subject), \(finding.check): \(finding.detail) \
      (observed \(finding.observed), allowed \(finding.allowed) \(finding.unit); \
      \(facts.joined(separator: ", ")))
      """, sourceLocation: sourceLocation)
  }
  if report.isVacuous {
    Issue.record("\(report.title): nothing was compared", sourceLocation: sourceLocation)
  }
}
