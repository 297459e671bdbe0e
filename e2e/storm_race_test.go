//go:build race

package e2e

// stormPeople are few: the race detector makes everything ten times slower.
const stormPeople = 100
