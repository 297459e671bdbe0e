//go:build race

package main

// stormPeople are few: the race detector makes everything ten times slower.
const stormPeople = 100
