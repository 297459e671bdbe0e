//go:build race

package main

// usualSeeds: the race detector makes everything ten times slower.
const usualSeeds = 10
