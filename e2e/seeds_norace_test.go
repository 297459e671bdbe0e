//go:build !race

package e2e

const usualSeeds = 100
