//go:build !race

package main

// stormPeople file at once in TestStorm.
const stormPeople = 500
