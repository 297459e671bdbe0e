//go:build race

package e2e

// usualSeeds: the race detector makes everything ten times slower.
const usualSeeds = 10
