//go:build !race

package e2e

// stormPeople file at once in TestStorm.
const stormPeople = 500
