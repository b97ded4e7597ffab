// Whether the tests were built with optimisation: whole training runs take fifty times as long without.

/// Whether assertions are off.
package let isOptimised: Bool = {
  var isChecked = false
  assert(
    {
      isChecked = true
      return true
    }())
  return !isChecked
}()
